import { encodeAbiParameters, keccak256, numberToHex, parseAbiParameters } from 'viem'
import { bondingManagerAbi } from '../../src/chain/abi/bonding-manager.ts'
import { roundsManagerAbi } from '../../src/chain/abi/rounds-manager.ts'
import { fromHex, type Hex } from '../../src/lib/bytes.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { isNobody, type VectorPlace } from './conformance-evm.ts'
import type { TicketVector, VectorPre } from './conformance-file.ts'
import { poolAtStart } from './conformance-rules.ts'

/** Storage slots of the contracts. Reading back through views guards them. */
const slots = {
  brokerRoundHashes: 2n,
  brokerAccounts: 3n,
  brokerClaimed: 4n,
  brokerClaimedBy: 5n,
  brokerUsed: 7n,
  roundsHashes: 2n,
  bondingSnapshot: 4n,
  bondingActivities: 6n,
} as const

/**
 * Writes what is a vector's own into the contracts of its place: funds, claims, hashes, used flag.
 *
 * @throws RangeError when the state was not reached
 */
export async function fillPlace(place: VectorPlace, vector: TicketVector): Promise<void> {
  await setHashes(place, vector.pre)
  await setFunds(place, vector)
  await verifyState(place, vector)
}

/** Sets the block hashes of the rounds. */
async function setHashes({ cheat, addresses }: VectorPlace, pre: VectorPre): Promise<void> {
  for (const [round, value] of Object.entries(pre.roundBlockHashes)) {
    const key = word(BigInt(round))
    const brokerSlot = mappingSlot(key, slots.brokerRoundHashes)
    const roundsSlot = mappingSlot(key, slots.roundsHashes)
    await cheat.setStorageAt({ address: addresses.ticketBroker, index: brokerSlot, value })
    await cheat.setStorageAt({ address: addresses.roundsManager, index: roundsSlot, value })
  }
}

async function setFunds(
  { cheat, addresses }: VectorPlace,
  { pre, ticket, ticketHash }: TicketVector,
): Promise<void> {
  const { sender, recipient } = ticket
  const address = addresses.ticketBroker
  const deposit = BigInt(pre.senderDeposit)
  const reserve = BigInt(pre.reserveRemaining)
  const set = async (index: Hex, value: bigint): Promise<void> =>
    cheat.setStorageAt({ address, index, value: word(value) })
  const round = BigInt(pre.currentRound)
  const accountWord = deposit | (reserve << 96n) | (BigInt(pre.senderWithdrawRound) << 192n)
  await set(mappingSlot(padded(sender), slots.brokerAccounts), accountWord)
  const claimed = BigInt(pre.reserveClaimedInCurrentRound) | (round << 96n)
  await set(mappingSlot(padded(sender), slots.brokerClaimed), claimed)
  const claimedBy = BigInt(pre.reserveClaimedByRecipientInRound) | (round << 96n)
  const bySender = BigInt(mappingSlot(padded(sender), slots.brokerClaimedBy))
  await set(mappingSlot(padded(recipient), bySender), claimedBy)
  await set(mappingSlot(ticketHash, slots.brokerUsed), pre.ticketAlreadyUsed ? 1n : 0n)
  await cheat.setBalance({ address, value: deposit + reserve })
}

/** The first round has none before it to bond in: its bonds are made to count from the start. */
export async function activateAtOnce(
  place: VectorPlace,
  { pre, ticket }: TicketVector,
): Promise<void> {
  const { cheat, addresses } = place
  const address = addresses.bondingManager
  const round = BigInt(pre.currentRound)
  const snapshot = round | (poolAtStart(pre) << 64n)
  await cheat.setStorageAt({ address, index: word(slots.bondingSnapshot), value: word(snapshot) })
  if (!pre.recipientActive || isNobody(ticket.recipient)) return
  const forever = 2n ** 64n - 1n
  const index = mappingSlot(padded(ticket.recipient), slots.bondingActivities)
  await cheat.setStorageAt({ address, index, value: word(round | (forever << 64n)) })
}

function word(value: bigint): Hex {
  if (value >> 256n !== 0n) throw new RangeError('state not reached: an amount is too large')
  return numberToHex(value, { size: 32 })
}

function padded(address: Address): Hex {
  return word(BigInt(address))
}

function mappingSlot(key: Hex, slot: bigint): Hex {
  return keccak256(encodeAbiParameters(parseAbiParameters('bytes32, uint256'), [key, slot]))
}

async function verifyState(
  { cheat, addresses, broker }: VectorPlace,
  { pre, ticket, ticketHash }: TicketVector,
): Promise<void> {
  const { sender, recipient } = ticket
  const bonding = { address: addresses.bondingManager, abi: bondingManagerAbi } as const
  const rounds = { address: addresses.roundsManager, abi: roundsManagerAbi } as const
  const info = await broker.senderInfo(sender)
  const size = await cheat.readContract({ ...bonding, functionName: 'currentRoundPoolSize' })
  const round = await cheat.readContract({ ...rounds, functionName: 'currentRound' })
  const open = await cheat.readContract({ ...rounds, functionName: 'currentRoundInitialized' })
  const reached: [what: string, reached: unknown, wanted: unknown][] = [
    ['round', round, BigInt(pre.currentRound)],
    ['round initialized', open, pre.currentRoundInitialized],
    ['deposit', info.deposit, BigInt(pre.senderDeposit)],
    ['withdraw round', info.withdrawRound, BigInt(pre.senderWithdrawRound)],
    ['reserve', info.reserve.fundsRemaining, BigInt(pre.reserveRemaining)],
    ['claims', info.reserve.claimedInCurrentRound, BigInt(pre.reserveClaimedInCurrentRound)],
    ['pool size', size, poolAtStart(pre)],
    ['used flag', await broker.isUsedTicket(fromHex(ticketHash)), pre.ticketAlreadyUsed],
    ['pause', await broker.paused(), pre.systemPaused],
    ['block hashes', await hashesReached({ cheat, addresses }, pre), true],
  ]
  if (!isNobody(recipient)) {
    const registered = await broker.isRegistered(recipient)
    const call = { ...bonding, functionName: 'isActiveTranscoder', args: [recipient] } as const
    const own = await broker.claimedReserve(sender, recipient)
    reached.push(['registration', registered, pre.recipientRegistered])
    reached.push(['activity', await cheat.readContract(call), pre.recipientActive])
    reached.push(['own claims', own, BigInt(pre.reserveClaimedByRecipientInRound)])
  }
  const missed = reached.filter(([, is, wanted]) => is !== wanted).map(([what]) => what)
  if (missed.length > 0) throw new RangeError(`state not reached: ${missed.join(', ')}`)
}

async function hashesReached(
  { cheat, addresses }: Pick<VectorPlace, 'cheat' | 'addresses'>,
  pre: VectorPre,
): Promise<boolean> {
  const rounds = { address: addresses.roundsManager, abi: roundsManagerAbi } as const
  for (const [round, hash] of Object.entries(pre.roundBlockHashes)) {
    const args = [BigInt(round)] as const
    const functionName = 'blockHashForRound'
    if ((await cheat.readContract({ ...rounds, functionName, args })) !== hash) return false
  }
  return true
}
