/** Where the contracts of content and attention are: a part of `chain`. */
export const MEDIA_CHAIN = `  # The contracts of content and attention.
  media:
    mediaExchange: "0x0000000000000000000000000000000000000006"
    userRegistry: "0x0000000000000000000000000000000000000007"
    videoRegistry: "0x0000000000000000000000000000000000000008"
`

/** How content and attention are paid for, for those who are paid. */
const EARNING = `
# Ways to be paid that are taken, the preferred one first: check, ticket, channel. Where this node is
# an orchestrator too, what that says of tickets, channels and checks goes for all of it; tickets are
# redeemed for accounts with a stake only.
earning:
  rails: [check]
  # tickets, channels, checks, redeemer: as for an orchestrator
`

/** How content and attention are paid for, for those who pay. */
const PAYING = `
# Ways to pay, the preferred one first that the other side takes: check, ticket, channel. Where this
# node is a broadcaster too, what that says of tickets, channels and checks goes for all of it.
paying:
  rails: [check]
  # tickets, channels, checks: as for a broadcaster
`

/** What each role of content and attention is told. */
export const MEDIA_PARTS = {
  publisher: `
publisher:
  # Whole seconds of a segment; bids are by the second, payments by the segment.
  segmentSeconds: 2
  # Formats to sell, as for a broadcaster; those of the broadcaster when left out. A node that is a
  # broadcaster too buys the work on the market, another does it itself.
  profiles: [360p]
  maxInFlight: 2
  # Who keeps the segments too: { peerId, addresses } of a host, or { directory }. The preferred first.
  hosts: []
  # Whether this node keeps every segment itself too.
  keepsSegments: true
  # Whether this node lists its key, and where it can be dialled, on chain, if the wallet can pay for it.
  register: false
  # Files to publish: price is wei a second, and without one a video is only shown to those who are
  # paid. defence: none, last (the last segment is never sold) or {random: N}.
  videos: []
  # - { title: "A film", input: film.mp4, price: 8gwei, defence: none }
${EARNING}`,
  viewer: `
viewer:
  # Most of one video.
  maxEscrow: 1 ether
  # What to watch, by CID or title; maxPrice is wei a second.
  videos: []
  # - { video: "A film", maxPrice: 10gwei }
${PAYING}`,
  advertiser: `
advertiser:
  # Most of one viewer's watching one video.
  maxEscrow: 1 ether
  # What is to be watched; maxPrice is wei a second. Whoever is found is bid to when viewers are left out.
  campaigns: []
  # - { video: "An ad", maxPrice: 2gwei, viewers: [{ peerId: 12D3KooW... }] }
${PAYING}`,
  audience: `
audience:
  # Wei a second for which this node watches.
  price: 1gwei
  # Segments it watches before it must be paid.
  batch: 1
  # Whether it lists its key, and where it can be dialled, on chain, so that advertisers find it.
  register: false
${EARNING}`,
  host: `
host:
  # Publishers whose segments are kept here, and how many bytes of each. A segment goes back to whoever
  # brought it and to nobody else.
  publishers: []
  # - { peerId: 12D3KooW..., maxBytes: 68719476736 }
`,
} as const
