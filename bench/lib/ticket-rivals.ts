import {
  encodePacked,
  type Hex,
  hexToBigInt,
  keccak256,
  type PrivateKeyAccount,
  recoverMessageAddress,
} from 'viem'
import { toHex } from '../../src/lib/bytes.ts'
import { auxData, type TicketBatch, type TicketParams } from '../../src/rails/ticket/ticket.ts'

/** A batch of tickets in the types of viem. */
export interface ViemBatch {
  readonly recipient: Hex
  readonly sender: Hex
  readonly faceValue: bigint
  readonly winProb: bigint
  readonly recipientRandHash: Hex
  readonly auxData: Hex
  readonly tickets: readonly { readonly senderNonce: bigint; readonly sig: Hex }[]
}

/** A batch as a program that speaks viem's types would hold it. */
export function viemBatch(batch: TicketBatch): ViemBatch {
  return {
    ...viemParams(batch.params),
    sender: batch.sender,
    tickets: batch.senderParams.map(({ senderNonce, sig }) => ({
      senderNonce: BigInt(senderNonce),
      sig: toHex(sig),
    })),
  }
}

function viemParams(params: TicketParams): Omit<ViemBatch, 'sender' | 'tickets'> {
  return {
    recipient: params.recipient,
    faceValue: params.faceValue,
    winProb: params.winProb,
    recipientRandHash: toHex(params.recipientRandHash),
    auxData: toHex(auxData(params.expirationParams)),
  }
}

/** A ticket's hash, the idiomatic way. */
export function viemTicketHash(batch: Omit<ViemBatch, 'tickets'>, senderNonce: bigint): Hex {
  return keccak256(
    encodePacked(
      ['address', 'address', 'uint256', 'uint256', 'uint256', 'bytes32', 'bytes'],
      [
        batch.recipient,
        batch.sender,
        batch.faceValue,
        batch.winProb,
        senderNonce,
        batch.recipientRandHash,
        batch.auxData,
      ],
    ),
  )
}

/** The checks of a recipient, the idiomatic way; nothing is stored. Resolves with the winners. */
export async function viemReceive(
  batch: ViemBatch,
  recipient: Hex,
  recipientRand: bigint,
): Promise<number> {
  if (batch.recipient !== recipient) throw new Error('recipient')
  if (keccak256(encodePacked(['uint256'], [recipientRand])) !== batch.recipientRandHash) {
    throw new Error('recipientRand')
  }
  const nonces = new Set<bigint>()
  let winners = 0
  for (const { senderNonce, sig } of batch.tickets) {
    if (nonces.has(senderNonce)) throw new Error('nonce')
    nonces.add(senderNonce)
    const raw = viemTicketHash(batch, senderNonce)
    const signer = await recoverMessageAddress({ message: { raw }, signature: sig })
    if (signer !== batch.sender) throw new Error('signature')
    const draw = keccak256(encodePacked(['bytes', 'uint256'], [sig, recipientRand]))
    if (hexToBigInt(draw) < batch.winProb) winners += 1
  }
  return winners
}

/** Signs tickets, the idiomatic way; no nonce is stored. */
export async function viemCreate(
  account: PrivateKeyAccount,
  params: TicketParams,
  size: number,
): Promise<Hex[]> {
  const batch = { ...viemParams(params), sender: account.address }
  const sigs: Hex[] = []
  for (let nonce = 1n; nonce <= BigInt(size); nonce += 1n) {
    sigs.push(await account.signMessage({ message: { raw: viemTicketHash(batch, nonce) } }))
  }
  return sigs
}
