import { concat, encodePacked, type Hex, hashMessage, keccak256, numberToHex } from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import type { TicketVector } from '../../../scripts/lib/conformance.ts'

/** The state most cases start from: four active orchestrators, deposit 5 ether, reserve 3 ether. */
const usualPre: TicketVector['pre'] = {
  currentRound: '3',
  currentRoundInitialized: true,
  ticketValidityPeriod: '2',
  unlockPeriod: '2',
  roundBlockHashes: Object.fromEntries(
    [0, 1, 2, 3, 4].map((round) => [
      round,
      round % 4 === 0 ? numberToHex(0, { size: 32 }) : hashOf(round),
    ]),
  ),
  senderDeposit: ether(5),
  senderWithdrawRound: '0',
  reserveRemaining: ether(3),
  reserveClaimedInCurrentRound: '0',
  reserveClaimedByRecipientInRound: '0',
  claimableByRecipient: ether(0.75),
  activePoolSize: '4',
  recipientRegistered: true,
  recipientActive: true,
  systemPaused: false,
  ticketAlreadyUsed: false,
}

const senderKey = keccak256('0x01')
export const strangerKey = keccak256('0x02')
const rand = keccak256('0x03')

/** What a case changes, and how its chain ended. */
export interface VectorCase {
  readonly pre?: Partial<TicketVector['pre']>
  readonly ticket?: Partial<TicketVector['ticket']>
  readonly signerKey?: Hex
  /** Spoils the signature once it is made. */
  readonly spoil?: (signature: Hex) => Hex
  readonly rand?: Hex
  readonly submittedBy?: TicketVector['submittedBy']
  /** What was paid, in wei, or why nothing was. */
  readonly result: bigint | string
}

/** Amounts of ether as a decimal string of wei. */
export function ether(amount: number): string {
  return (BigInt(Math.round(amount * 1e6)) * 10n ** 12n).toString()
}

/** The block hash of a round. */
export function hashOf(round: number): Hex {
  return keccak256(numberToHex(round, { size: 4 }))
}

/** The aux data of a round. */
export function auxOf(round: bigint, hash: Hex): Hex {
  return concat([numberToHex(round, { size: 32 }), hash])
}

/** A vector of a case, by the chain library's functions and none of the node's. */
export async function makeVector(id: string, made: VectorCase): Promise<TicketVector> {
  const sender = privateKeyToAccount(senderKey).address
  const ticket: TicketVector['ticket'] = {
    recipient: privateKeyToAccount(keccak256('0x04')).address,
    sender,
    faceValue: ether(0.1),
    winProb: (2n ** 256n - 1n).toString(),
    senderNonce: '1',
    recipientRandHash: keccak256(rand),
    auxData: auxOf(3n, hashOf(3)),
    ...made.ticket,
  }
  const packed = packedOf(ticket)
  const hash = keccak256(packed)
  const digest = hashMessage({ raw: hash })
  const signed = await sign({ hash: digest, privateKey: made.signerKey ?? senderKey, to: 'hex' })
  const signature = made.spoil?.(signed) ?? signed
  const revealed = made.rand ?? rand
  const winHash = keccak256(concat([signature, revealed]))
  const { result } = made
  const accepted = typeof result === 'bigint'
  return {
    id,
    pre: { ...usualPre, ...made.pre },
    ticket,
    ticketPacked: packed,
    ticketHash: hash,
    signedDigest: digest,
    signature,
    recipientRand: revealed,
    winHash,
    wins: BigInt(winHash) < BigInt(ticket.winProb),
    submittedBy: made.submittedBy ?? ticket.recipient,
    result: {
      accepted,
      revertReason: accepted ? null : result,
      amountPaid: accepted ? result.toString() : '0',
    },
  }
}

function packedOf(ticket: TicketVector['ticket']): Hex {
  return encodePacked(
    ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'],
    [
      ticket.recipient,
      ticket.sender,
      BigInt(ticket.faceValue),
      BigInt(ticket.winProb),
      BigInt(ticket.senderNonce),
      ticket.recipientRandHash,
      ticket.auxData,
    ],
  )
}
