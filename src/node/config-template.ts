import type { Role } from './config.ts'
import { MEDIA_CHAIN, MEDIA_PARTS } from './media-template.ts'

const TITLE = (role: Role): string => `# millrace configuration: ${role}
#
# Amounts take a unit: 12 (wei), 8gwei, "0.5 ether". Prices are wei per encoded pixel and may be
# fractions: 1200, "0.25", "3/2". Paths are relative to this file. Unknown keys are refused.

roles: [${role}]

# Everything the node must not lose: keys, tickets, credit. One process at a time.
dataDirectory: ./millrace-data
logLevel: info # debug, info, warn or error
`

const CHAIN = `
wallet:
  # A file with one private key in hex. Made by "millrace init" when it is missing.
  keyFile: ./wallet.key

chain:
  rpcUrl: http://127.0.0.1:8545 # http(s) or ws(s)
  chainId: 31337
  # Where the market's contracts are. For a deployment with Livepeer's interface, its controller
  # alone, which names the others: { profile: livepeer, controller: "0x..." }
  contracts:
    profile: own
    ticketBroker: "0x0000000000000000000000000000000000000001"
    roundsManager: "0x0000000000000000000000000000000000000002"
    bondingManager: "0x0000000000000000000000000000000000000003"
    serviceRegistry: "0x0000000000000000000000000000000000000004"
  # The contract of payment channels, for whoever pays or is paid by them.
  # paymentChannels: "0x0000000000000000000000000000000000000006"
  # Whether this node starts each round on chain; one node of the network must.
  initializeRounds: false
  pollIntervalMs: 1000
  # Blocks after which a mined transaction cannot be reorganised away any more.
  reorgDepth: 12

network:
  listen: [/ip4/0.0.0.0/tcp/4001]
  # What others are told to dial, when it is not what is listened on.
  announce: []
  # Peers to join by; everyone else is found through adverts.
  bootstrap: []
  # Dial and announce loopback addresses: only for a network on one machine.
  allowLoopback: false

# How orchestrators are found: gossip of their adverts; registry, asking everyone whose account has
# published a multiaddr on chain; or static, asking only the peers listed here.
discovery:
  mode: gossip
  # peers: [/ip4/10.0.0.5/tcp/4001/p2p/12D3KooW...]
  # Those of a registry or a list are asked again after so long.
  refreshMs: 30000
  # The block from which on the registry's events are read.
  fromBlock: 0
  # Data agents, which videos and viewers tell of themselves and are found by: { peerId, addresses }.
  agents: []
`

const HTTP = `
http:
  host: 127.0.0.1
  port: 7935
  # Writing over any other address than loopback needs a token:
  # token: "at least sixteen characters"
`

const BROADCASTER = `
broadcaster:
  service: CPUTranscoding
  # Only orchestrators that serve this region; "" for any.
  region: ""
  # Names of presets, or objects: {name, width, height, bitrateBps, fps, gopSeconds, h264Profile}
  profiles: [360p, 240p]
  # How long a segment is: the shorter, the sooner it is worked, and the more of them there are.
  segmentMs: 2000
  # Most to pay, in wei per pixel; leave out for any price.
  # maxPricePerUnit: 1200
  minStake: 0
  # Accounts of orchestrators that come before all others while they take work: your own.
  prefer: []
  # How to choose: balanced, cheapest, fastest, own-first or sticky, and what differs from it.
  selection:
    preset: balanced
    # What counts, any number from 0 on: price, latency, response, history, terms, stake, region,
    # relation. Only the proportions matter.
    weights: {}
    # A running relation is left only for someone better by this share,
    # hysteresis: 0.15
    # and at most this share of the segments goes to someone who was not tried lately.
    # explore: 0.02
    # The region that is better than others; "" for none.
    preferRegion: ""
  # Quotes kept at hand, so that a stream begins without asking anyone.
  table:
    enabled: true
    # Quotes wanted at hand, and when each is asked for anew,
    size: 8
    refreshMs: 20000
    # when the next one is asked beside one that is late,
    hedgeMs: 500
    # and how long after nobody wanted them.
    idleMs: 600000
  # What an orchestrator did counts half after so long, and a failure keeps it out, longer each time.
  reputation:
    halfLifeMs: 86400000
    suspendMs: 10000
  # Answers to a request for quotes are waited for this long,
  discoveryTimeoutMs: 2000
  # and before the first choice the directory may fill for this long.
  settleMs: 500
  # How long a segment waits for an orchestrator when there is none.
  patienceMs: 30000
  # Segments under way at once.
  maxInFlight: 2
  # Orchestrators that get every segment; the first good answer is used, all are paid.
  redundancy: 1
  # Share of the segments that may be sent to a second one when they are late; 0 is never.
  hedgeBudget: 0.1
  # Segments in a playlist: a number for a rolling window, or all.
  playlistSegments: all
  # Ways to pay, the preferred one first: ticket, channel (needs chain.paymentChannels), check (needs
  # chain.media).
  rails: [ticket]
  channels:
    asset: "0x0000000000000000000000000000000000000000" # ether, or a token
    # What a new channel holds, what is added when it runs out, and the most it may take in all.
    deposit: 0.05 ether
    maxDeposit: 0.5 ether
    # For how long an unused deposit is locked, and the most a payee may ask for.
    expireBlocks: 7200
    maxExpireBlocks: 50000
    # Time to take back a revoked payment that is published: longer than this node is ever away.
    delayBlocks: 50
    # Nodes that watch over this node's channels while it is away.
    watchtowers: []
    # - { peerId: 12D3KooW..., addresses: [/ip4/10.0.0.6/tcp/4001/p2p/12D3KooW...] }
  checks:
    # Most that is put into escrow for one order.
    maxEscrow: 1 ether
  tickets:
    maxEv: 0.01 ether
    maxTotalEv: 0.1 ether
    depositMultiplier: 1
    # The deposit must pay the wins of tickets under way with this probability; above a share of it
    # there is a warning. A win may reach the chain so many blocks after its params are void.
    exposure:
      quantile: 0.999
      warnAtPercent: 80
      redemptionLagBlocks: 40
    # Adds to the deposit by itself, up to a target, when tickets under way come near it:
    # topUp: { target: 1 ether, maxPerDay: 0.5 ether }
  # Files to stream at start; streams can be pushed too: PUT /live/NAME/SEQ.ts
  streams: []
  # - { name: demo, input: ./video.mp4, pace: realtime }
`

const ORCHESTRATOR = `
orchestrator:
  services: [CPUTranscoding]
  regions: []
  # Wei per encoded pixel. A 2 s segment in 360p and 240p at 30 fps is about 20 million pixels.
  pricePerUnit: 1200
  # Orders taken at once, and segments of one order under way at once.
  slots: 10
  maxInFlight: 2
  quoteTtlMs: 30000
  # Calls for this node's part of the inflation in each round, where the contracts mint any.
  reward: true
  advert:
    ttlMs: 120000
    intervalMs: 45000
  # Ways to be paid that are taken, the preferred one first: ticket, channel (needs
  # chain.paymentChannels), check (needs chain.media).
  rails: [ticket]
  channels:
    asset: "0x0000000000000000000000000000000000000000" # ether, or a token
    minDeposit: 0.001 ether
    # Longest wait between publishing a payment and being paid, and least time a deposit is locked.
    maxDelayBlocks: 300
    minExpireBlocks: 300
    # Blocks before a deposit counts, and before a publication is final: by default chain.reorgDepth.
    confirmations: 2
    # finalityBlocks: 12
    # Payments are published when so many blocks are left, or nobody paid for so many; 0 is never.
    clearanceBlocks: 6
    idleBlocks: 0
  checks:
    # A check is cashed when its order got no other for so long; before it expires in any case.
    idleMs: 600000
  tickets:
    minEv: 1
    ticketsPerSegment: 2
    # A ticket's face value is at least so many times its expected value,
    evMultiplier: 100
    # and so many times what it costs to redeem it.
    txCostMultiplier: 100
    # redeemGas: 90000 # when left out: 90000, or 350000 under profile livepeer
    maxFaceValue: 0 # 0 for no limit
    paramsLifeBlocks: 40
    redemption:
      # A winner is redeemed when that costs at most so much of its face value. When left out: five times
      # what it was made for, so 5 where txCostMultiplier is 100,
      # maxCostPercent: 5
      # or when gas is no dearer than this,
      cheapGasPrice: 0
      # or in the last part of the last round in which it is valid. Never at a loss.
      deadlinePercent: 25
      # Winners that share a transaction, and blocks to wait for others.
      maxBatch: 20
      companyBlocks: 2
  # A node of yours that redeems the winners of this one; without it, this node redeems them itself.
  # redeemer:
  #   peerId: 12D3KooW...
  #   addresses: [/ip4/10.0.0.5/tcp/4001/p2p/12D3KooW...]
  transcoding:
    # workers: 2       # as many as there are cores when left out
    backend: auto      # auto, node-av or system; copy gives segments back as they are, for trials
  # Who works: this machine's own processes, and transcoders that join over the network.
  pool:
    local: true
    # Random text of 16 characters or more that your own transcoders have too:
    # secretFile: ./pool.secret
    # Anyone whose account has a deposit. Of so many results of theirs, one is worked again here.
    public: false
    minDeposit: 0.1 ether
    maxWorkers: 64
    spotCheckOneIn: 10
    # Workers with an account get a share of the price, in tickets from this node's deposit.
    pay:
      sharePercent: 75
      intervalMs: 60000
      minimum: 0
      maxEv: 0.01 ether
      depositMultiplier: 1
      exposure:
        quantile: 0.999
        warnAtPercent: 80
        redemptionLagBlocks: 40
`

const REDEEMER = `
redeemer:
  # Whose winners this node takes and redeems: peer ids, or the accounts the tickets pay. Nobody
  # else is served. It pays the gas; what the tickets are worth goes to those accounts.
  orchestrators:
    - "0x0000000000000000000000000000000000000005"
  # Redemptions in flight at once.
  concurrency: 16
  redemption:
    # A winner is redeemed when that costs at most so much of its face value; any share below all of it
    # when left out,
    maxCostPercent: 5
    # or when gas is no dearer than this,
    cheapGasPrice: 0
    # or in the last part of the last round in which it is valid. Never at a loss.
    deadlinePercent: 25
    # Winners that share a transaction, and blocks to wait for others.
    maxBatch: 20
    companyBlocks: 2
`

const TRANSCODER = `
# It needs no chain, no wallet and no stake, and nobody has to reach it.
network:
  listen: []
  # Dial loopback addresses: only for a network on one machine.
  allowLoopback: false

transcoder:
  # The orchestrator whose pool it joins.
  orchestrator:
    peerId: 12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5
    addresses: [/ip4/10.0.0.5/tcp/4001]
  # The secret of a private pool; it is proven, never sent.
  secretFile: ./pool.secret
  # Who is paid, and in a public pool answers with its deposit; "millrace vouch" makes it.
  # account: { address: "0x...", signature: "0x..." }
  # slots: 2 # segments at the same time, as many as there are cores when left out
  backend: auto # auto, node-av or system
`

const INITIALIZES = '  # Whether this node starts each round on chain'
const CONTENT_CHAIN = CHAIN.replace(INITIALIZES, () => MEDIA_CHAIN + INITIALIZES)

const WATCHTOWER = `
watchtower:
  # Channels of others that are watched over at once. Give this node ether for gas.
  maxChannels: 4096
`

/** What a watchtower cannot do without. */
const CHAIN_WITH_CHANNELS = CHAIN.replace('  # paymentChannels:', '  paymentChannels:')

const PARTS: Readonly<Record<Role, string>> = {
  broadcaster: CHAIN + HTTP + BROADCASTER,
  orchestrator: CHAIN + HTTP + ORCHESTRATOR,
  redeemer: CHAIN + HTTP + REDEEMER,
  transcoder: HTTP + TRANSCODER,
  publisher: CONTENT_CHAIN + HTTP + MEDIA_PARTS.publisher,
  viewer: CONTENT_CHAIN + HTTP + MEDIA_PARTS.viewer,
  advertiser: CONTENT_CHAIN + HTTP + MEDIA_PARTS.advertiser,
  audience: CONTENT_CHAIN + HTTP + MEDIA_PARTS.audience,
  agent: CHAIN + HTTP,
  host: CHAIN + HTTP + MEDIA_PARTS.host,
  watchtower: CHAIN_WITH_CHANNELS + HTTP + WATCHTOWER,
}

/** A commented config file for a role, with the defaults written out. */
export function configTemplate(role: Role): string {
  return TITLE(role) + PARTS[role]
}
