import { concat, type Hex, numberToHex, slice } from 'viem'
import type { rules } from '../../../scripts/lib/conformance-rules.ts'
import { auxOf, ether, hashOf, strangerKey, type VectorCase } from './vector-builder.ts'

const nobody = '0x0000000000000000000000000000000000000000'
const zeroHash = numberToHex(0, { size: 32 })
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const most = (2n ** 256n - 1n).toString()
const insufficient = 'sender deposit and reserve insufficient to cover ticket face value'
const unregistered = 'transcoder must be registered'
const noFunds = 'sender deposit and reserve are zero'
const noHash = 'ticket creationRound does not have a block hash'
const badAux = 'invalid length for ticket auxData: must be 64 bytes'
const noSharePanic = 'panic 0x12'
const underflow = 'Panic(0x11)'

const twin = (signature: Hex): Hex => {
  const v = BigInt(slice(signature, 64))
  const s = numberToHex(order - BigInt(slice(signature, 32, 64)), { size: 32 })
  return concat([slice(signature, 0, 32), s, numberToHex(55n - v, { size: 1 })])
}
const withV =
  (change: (v: number) => number) =>
  (signature: Hex): Hex =>
    concat([
      slice(signature, 0, 64),
      numberToHex(change(Number(slice(signature, 64))), { size: 1 }),
    ])

/** Cases in which our broker does what Livepeer's does. */
export const agreeing: Readonly<Record<string, VectorCase>> = {
  'system paused': { pre: { systemPaused: true }, result: 'system is paused' },
  'paused in a round not initialized': {
    pre: { systemPaused: true, currentRoundInitialized: false },
    result: 'system is paused',
  },
  'round not initialized': {
    pre: { currentRoundInitialized: false, roundBlockHashes: { 3: zeroHash } },
    ticket: { auxData: auxOf(2n, hashOf(2)) },
    result: 'current round is not initialized',
  },
  'recipient is null': {
    ticket: { recipient: nobody },
    result: 'ticket recipient is null address',
  },
  'recipient is null, not active': {
    ticket: { recipient: nobody, sender: nobody },
    pre: { recipientActive: false, recipientRegistered: false },
    submittedBy: '0x00000000000000000000000000000000DeaDBeef',
    result: 'ticket recipient is null address',
  },
  'sender is null': { ticket: { sender: nobody }, result: 'ticket sender is null address' },
  'no aux data': { ticket: { auxData: '0x' }, result: badAux },
  'aux data of 63 bytes': {
    ticket: { auxData: slice(auxOf(3n, hashOf(3)), 0, 63) },
    result: badAux,
  },
  'aux data of 65 bytes': {
    ticket: { auxData: concat([auxOf(3n, hashOf(3)), '0x00']) },
    result: badAux,
  },
  'round in the future': { ticket: { auxData: auxOf(4n, hashOf(4)) }, result: noHash },
  'round 0 without a hash': { ticket: { auxData: auxOf(0n, zeroHash) }, result: noHash },
  'largest round': { ticket: { auxData: auxOf(2n ** 256n - 1n, hashOf(3)) }, result: noHash },
  'hash of another round': {
    ticket: { auxData: auxOf(3n, hashOf(2)) },
    result: 'ticket creationRoundBlockHash invalid for creationRound',
  },
  'hash of a skipped round': { ticket: { auxData: auxOf(4n, zeroHash) }, result: noHash },
  expired: { ticket: { auxData: auxOf(1n, hashOf(1)) }, result: 'ticket is expired' },
  'previous round': { ticket: { auxData: auxOf(2n, hashOf(2)) }, result: BigInt(ether(0.1)) },
  'long validity': {
    pre: { ticketValidityPeriod: '3' },
    ticket: { auxData: auxOf(1n, hashOf(1)) },
    result: BigInt(ether(0.1)),
  },
  'validity of one round': {
    pre: { ticketValidityPeriod: '1' },
    ticket: { auxData: auxOf(2n, hashOf(2)) },
    result: 'ticket is expired',
  },
  'wrong recipientRand': {
    rand: hashOf(9),
    result: 'recipientRand does not match recipientRandHash',
  },
  'used, with a foreign signature': {
    pre: { ticketAlreadyUsed: true },
    signerKey: strangerKey,
    result: 'ticket is used',
  },
  'signature of 64 bytes': {
    spoil: (sig) => slice(sig, 0, 64),
    result: 'INVALID_SIGNATURE_LENGTH',
  },
  'signature of 66 bytes': {
    spoil: (sig) => concat([sig, '0x00']),
    result: 'INVALID_SIGNATURE_LENGTH',
  },
  'no signature': { spoil: () => '0x', result: 'INVALID_SIGNATURE_LENGTH' },
  'high s': { spoil: twin, result: "ECDSA: invalid signature 's' value" },
  'v 0 or 1': { spoil: withV((v) => v - 27), result: "ECDSA: invalid signature 'v' value" },
  'v 29 or 30': { spoil: withV((v) => v + 2), result: "ECDSA: invalid signature 'v' value" },
  'other v': { spoil: withV((v) => 55 - v), result: 'invalid signature over ticket hash' },
  'r of zero': {
    spoil: (sig) => concat([zeroHash, slice(sig, 32)]),
    result: 'ECDSA: invalid signature',
  },
  'signed by a stranger': { signerKey: strangerKey, result: 'invalid signature over ticket hash' },
  'cannot win': { ticket: { winProb: '0' }, result: 'ticket did not win' },
  'unlocked from this round on': {
    pre: { senderWithdrawRound: '3' },
    result: 'sender is unlocked',
  },
  'unlocked and withdrawn': {
    pre: { senderWithdrawRound: '2', senderDeposit: '0', reserveRemaining: '0' },
    result: 'sender is unlocked',
  },
  'unlocking, still redeemable': { pre: { senderWithdrawRound: '4' }, result: BigInt(ether(0.1)) },
  'no deposit, no reserve': {
    pre: { senderDeposit: '0', reserveRemaining: '0', claimableByRecipient: '0' },
    result: noFunds,
  },
  'unregistered recipient': {
    pre: { recipientRegistered: false, recipientActive: false, claimableByRecipient: '0' },
    result: unregistered,
  },
  'recipient that left in this round': {
    pre: { recipientRegistered: false },
    ticket: { faceValue: ether(5.25) },
    result: unregistered,
  },
  'face value 0': { ticket: { faceValue: '0' }, result: 0n },
  'face value 0, unregistered recipient': {
    pre: { recipientRegistered: false, recipientActive: false, claimableByRecipient: '0' },
    ticket: { faceValue: '0' },
    result: 0n,
  },
  'whole deposit': { ticket: { faceValue: ether(5) }, result: BigInt(ether(5)) },
  'whole deposit and whole share': {
    ticket: { faceValue: ether(5.75) },
    result: BigInt(ether(5.75)),
  },
  'share with claims of others': {
    pre: {
      senderDeposit: '0',
      reserveRemaining: ether(2.25),
      reserveClaimedInCurrentRound: ether(0.75),
    },
    ticket: { faceValue: ether(0.75) },
    result: BigInt(ether(0.75)),
  },
  'alone in the pool': {
    pre: { activePoolSize: '1', claimableByRecipient: ether(3) },
    ticket: { faceValue: ether(8) },
    result: BigInt(ether(8)),
  },
  'first round': {
    pre: { currentRound: '1', roundBlockHashes: { 1: hashOf(1) } },
    ticket: { auxData: auxOf(1n, hashOf(1)), faceValue: ether(5.75) },
    result: BigInt(ether(5.75)),
  },
  'a late round, a large nonce, submitted by a stranger': {
    pre: { currentRound: '4294967296', roundBlockHashes: { 4294967296: hashOf(7) } },
    ticket: { auxData: auxOf(2n ** 32n, hashOf(7)), senderNonce: most },
    submittedBy: '0x00000000000000000000000000000000DeaDBeef',
    result: BigInt(ether(0.1)),
  },
  'more than deposit and reserve, on a chain that refuses': {
    ticket: { faceValue: most },
    result: insufficient,
  },
}

const drained = { senderDeposit: '0', reserveRemaining: ether(3) }
const outsider = { recipientActive: false, claimableByRecipient: '0' }

/** Cases in which our broker differs on purpose, with what Livepeer's did. */
export const differing: readonly (readonly [rule: keyof typeof rules, name: string, VectorCase])[] =
  [
    [
      'whole',
      'share exhausted, face value burnt for 0',
      {
        pre: {
          ...drained,
          reserveRemaining: ether(2.25),
          reserveClaimedInCurrentRound: ether(0.75),
          reserveClaimedByRecipientInRound: ether(0.75),
          claimableByRecipient: '0',
        },
        result: 0n,
      },
    ],
    ['whole', 'share too small', { ticket: { faceValue: ether(6) }, result: BigInt(ether(5.75)) }],
    [
      'whole',
      'topped up with 1 wei by a third party',
      {
        pre: { senderDeposit: '1', reserveRemaining: '0', claimableByRecipient: '0' },
        result: 1n,
      },
    ],
    ['whole', 'largest face value', { ticket: { faceValue: most }, result: BigInt(ether(5.75)) }],
    ['whole', 'inactive, no deposit', { pre: { ...drained, ...outsider }, result: 0n }],
    [
      'whole',
      'joined in this round, face value above the deposit',
      { pre: outsider, ticket: { faceValue: ether(5.25) }, result: noSharePanic },
    ],
    [
      'nothing',
      'unregistered, no deposit',
      { pre: { ...drained, ...outsider, recipientRegistered: false }, result: 0n },
    ],
    [
      'order',
      'unregistered, face value above all funds',
      {
        pre: { ...outsider, recipientRegistered: false },
        ticket: { faceValue: ether(9) },
        result: unregistered,
      },
    ],
    [
      'shares',
      'a newcomer after the whole share was claimed',
      {
        pre: {
          ...drained,
          reserveRemaining: ether(2.25),
          reserveClaimedInCurrentRound: ether(0.75),
          reserveClaimedByRecipientInRound: ether(0.75),
          claimableByRecipient: null,
          activePoolSize: '5',
        },
        result: underflow,
      },
    ],
    [
      'shares',
      'a newcomer while some of the share is left',
      {
        pre: {
          ...drained,
          reserveRemaining: ether(2.3),
          reserveClaimedInCurrentRound: ether(0.7),
          reserveClaimedByRecipientInRound: ether(0.7),
          claimableByRecipient: null,
          activePoolSize: '5',
        },
        ticket: { faceValue: ether(0.05) },
        result: underflow,
      },
    ],
    ['inactive', 'joined in this round', { pre: outsider, result: noSharePanic }],
  ]
