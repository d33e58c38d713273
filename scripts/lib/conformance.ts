import {
  createTestClient,
  encodeAbiParameters,
  http,
  keccak256,
  numberToHex,
  parseAbiParameters,
  publicActions,
  walletActions,
} from 'viem'
import { bondingManagerAbi } from '../../src/chain/abi/bonding-manager.ts'
import { roundsManagerAbi } from '../../src/chain/abi/rounds-manager.ts'
import { ticketBrokerAbi } from '../../src/chain/abi/ticket-broker.ts'
import { workTokenAbi } from '../../src/chain/abi/work-token.ts'
import { connectChain } from '../../src/chain/client.ts'
import { type ContractAddresses, deployContracts } from '../../src/chain/deploy.ts'
import {
  createTicketBroker,
  type RedeemableTicket,
  type TicketBroker,
} from '../../src/chain/ticket-broker.ts'
import { fromHex, type Hex } from '../../src/lib/bytes.ts'
import { type Address, parseAddress } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { type Anvil, startAnvil } from './anvil.ts'

/** The state of the contracts before a redemption. Amounts are decimal strings of wei. */
export interface VectorPre {
  readonly currentRound: string
  readonly currentRoundInitialized: boolean
  readonly ticketValidityPeriod: string
  readonly unlockPeriod: string
  readonly roundBlockHashes: Readonly<Record<string, Hex>>
  readonly senderDeposit: string
  readonly senderWithdrawRound: string
  readonly reserveRemaining: string
  readonly reserveClaimedInCurrentRound: string
  readonly reserveClaimedByRecipientInRound: string
  readonly claimableByRecipient: string | null
  readonly activePoolSize: string
  readonly recipientRegistered: boolean
  readonly recipientActive: boolean
  readonly systemPaused: boolean
  readonly ticketAlreadyUsed: boolean
}

/** One redemption as it went on a chain. */
export interface TicketVector {
  readonly id: string
  readonly pre: VectorPre
  readonly ticket: {
    readonly recipient: Hex
    readonly sender: Hex
    readonly faceValue: string
    readonly winProb: string
    readonly senderNonce: string
    readonly recipientRandHash: Hex
    readonly auxData: Hex
  }
  readonly ticketHash: Hex
  readonly signature: Hex
  readonly recipientRand: Hex
  readonly submittedBy: Hex
  readonly result: {
    readonly accepted: boolean
    readonly revertReason: string | null
    readonly amountPaid: string
  }
}

/** What a redemption did. */
export interface RedemptionOutcome {
  readonly accepted: boolean
  /** Why not; null when it was accepted. */
  readonly reason: string | null
  readonly amountPaidWei: bigint
}

/** What our broker must do, and by which rule that differs from the vector's own chain. */
export interface ExpectedOutcome extends RedemptionOutcome {
  readonly differs: string | null
}

const insufficient = 'sender deposit and reserve insufficient to cover ticket face value'
const unregistered = 'transcoder must be registered'
const roundSeconds = 1000n
const nobody = /^0x0{40}$/

/** Storage slots of TicketBroker and RoundsManager. Reading back through views guards them. */
const slots = {
  brokerRoundHashes: 2n,
  brokerAccounts: 3n,
  brokerClaimed: 4n,
  brokerClaimedBy: 5n,
  brokerUsed: 7n,
  roundsHashes: 2n,
} as const

/**
 * What our broker must do with a vector, decided from its state and ticket alone. Where the
 * vector's chain panicked, or paid less than the face value, a rule of ours stands instead.
 */
export function expectedOutcome({ pre, ticket, result }: TicketVector): ExpectedOutcome {
  const faceValue = BigInt(ticket.faceValue)
  const refuse = (reason: string, differs: string | null): ExpectedOutcome => {
    return { accepted: false, reason, amountPaidWei: 0n, differs }
  }
  const panicked = !result.accepted && /panic|0x1[12]\b/i.test(result.revertReason ?? 'panic')
  if (!result.accepted && !panicked) return refuse(result.revertReason ?? '', null)
  const deposit = BigInt(pre.senderDeposit)
  const reserve = BigInt(pre.reserveRemaining)
  const whole = 'a ticket is paid its whole face value or stays unused'
  if (faceValue > deposit + reserve) return refuse(insufficient, whole)
  if (faceValue > 0n && !pre.recipientRegistered) {
    return refuse(unregistered, 'a ticket is never used up for nothing')
  }
  const claimable = pre.recipientActive ? BigInt(pre.claimableByRecipient ?? 0) : 0n
  if (faceValue > deposit + (claimable < reserve ? claimable : reserve)) {
    return refuse(insufficient, whole)
  }
  const paid = { accepted: true, reason: null, amountPaidWei: faceValue }
  if (!panicked) return { ...paid, differs: null }
  return { ...paid, differs: 'a recipient without a share of the round is paid from the deposit' }
}

/** Brings a fresh local EVM to a vector's state, redeems its ticket, and ends the EVM. */
export async function runVector(vector: TicketVector): Promise<RedemptionOutcome> {
  const anvil = await startAnvil()
  try {
    const state = await prepareVector(anvil, vector)
    return await redeem(state, vector)
  } finally {
    await anvil.stop()
  }
}

/** A local EVM in the state of a vector. */
export interface VectorState {
  readonly cheat: ReturnType<typeof cheatClient>
  readonly addresses: ContractAddresses
  readonly broker: TicketBroker
  readonly redeemable: RedeemableTicket
}

/**
 * Brings a fresh local EVM to a vector's state.
 *
 * @throws RangeError when the state cannot be reached, or was not
 */
export async function prepareVector(anvil: Anvil, vector: TicketVector): Promise<VectorState> {
  const { pre } = vector
  const current = BigInt(pre.currentRound)
  if (current < 2n) throw new RangeError('a vector needs a round before its current one')
  const { chainId, rpcUrl } = anvil
  const { privateKey } = anvil.account(0)
  const init = { rpcUrl, chainId, privateKey, pollingIntervalMs: 50 }
  const client = await connectChain({ logger: silentLogger }, init)
  const addresses = await deployContracts(client, {
    roundLengthSeconds: roundSeconds,
    firstRound: current - 1n,
    unlockPeriod: BigInt(pre.unlockPeriod),
    ticketValidityPeriod: BigInt(pre.ticketValidityPeriod),
  })
  const cheat = cheatClient(anvil)
  const broker = createTicketBroker({ client }, { address: addresses.ticketBroker })
  const state = { cheat, addresses, broker, redeemable: redeemableOf(vector) }
  await formPool(state, vector)
  await enterRound(state, vector)
  await setFunds(state, vector)
  await verifyState(state, vector)
  return state
}

function cheatClient(anvil: Anvil) {
  return createTestClient({ mode: 'anvil', transport: http(anvil.rpcUrl, { timeout: 30_000 }) })
    .extend(publicActions)
    .extend(walletActions)
}

/** The ticket of a vector in the form the broker takes. */
export function redeemableOf({ ticket, signature, recipientRand }: TicketVector): RedeemableTicket {
  return {
    ticket: {
      recipient: addressOf(ticket.recipient),
      sender: addressOf(ticket.sender),
      faceValue: BigInt(ticket.faceValue),
      winProb: BigInt(ticket.winProb),
      senderNonce: BigInt(ticket.senderNonce),
      recipientRandHash: fromHex(ticket.recipientRandHash),
      auxData: fromHex(ticket.auxData),
    },
    sig: fromHex(signature),
    recipientRand: BigInt(recipientRand),
  }
}

function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === null) throw new RangeError(`not an address: ${text}`)
  return address
}

/** Bonds, in the round before, whoever is active in the current one. */
async function formPool(state: VectorState, { pre, ticket }: TicketVector): Promise<void> {
  const others = Number(pre.activePoolSize) - (pre.recipientActive ? 1 : 0)
  for (let i = 0; i < others; i += 1) {
    await bond(state, addressOf(numberToHex(0xf111_0000 + i, { size: 20 })))
  }
  if (pre.recipientActive) await bond(state, addressOf(ticket.recipient))
}

async function bond({ cheat, addresses }: VectorState, account: Address): Promise<void> {
  const stake = 100n
  const [operator] = await cheat.getAddresses()
  if (operator === undefined) throw new RangeError('the local EVM has no accounts')
  const token = { address: addresses.workToken, abi: workTokenAbi, chain: null } as const
  const bonding = { address: addresses.bondingManager, abi: bondingManagerAbi } as const
  await impersonate(cheat, account)
  await cheat.writeContract({
    ...token,
    account: operator,
    functionName: 'transfer',
    args: [account, stake],
  })
  await cheat.writeContract({
    ...token,
    account,
    functionName: 'approve',
    args: [addresses.bondingManager, stake],
  })
  await cheat.writeContract({
    ...bonding,
    account,
    chain: null,
    functionName: 'bond',
    args: [stake, account],
  })
}

async function impersonate(cheat: VectorState['cheat'], address: Address): Promise<void> {
  await cheat.impersonateAccount({ address })
  await cheat.setBalance({ address, value: 10n ** 20n })
}

async function enterRound(state: VectorState, { pre, ticket }: TicketVector): Promise<void> {
  const { cheat, addresses } = state
  const rounds = { address: addresses.roundsManager, abi: roundsManagerAbi } as const
  const started = await cheat.readContract({ ...rounds, functionName: 'startTime' })
  // Half a round in, so that the blocks that follow stay within it.
  await cheat.setNextBlockTimestamp({ timestamp: started + roundSeconds + roundSeconds / 2n })
  await cheat.mine({ blocks: 1 })
  const [account] = await cheat.getAddresses()
  if (account === undefined) throw new RangeError('the local EVM has no accounts')
  if (pre.currentRoundInitialized) {
    const call = { ...rounds, account, chain: null } as const
    await cheat.writeContract({ ...call, functionName: 'initializeRound' })
  }
  for (const [round, hash] of Object.entries(pre.roundBlockHashes)) {
    const brokerSlot = mappingSlot(
      numberToHex(BigInt(round), { size: 32 }),
      slots.brokerRoundHashes,
    )
    const roundsSlot = mappingSlot(numberToHex(BigInt(round), { size: 32 }), slots.roundsHashes)
    await cheat.setStorageAt({ address: addresses.ticketBroker, index: brokerSlot, value: hash })
    await cheat.setStorageAt({ address: addresses.roundsManager, index: roundsSlot, value: hash })
  }
  const joinsNow = pre.recipientRegistered && !pre.recipientActive
  if (joinsNow && !nobody.test(ticket.recipient)) await bond(state, addressOf(ticket.recipient))
  if (pre.systemPaused) {
    const call = { address: addresses.ticketBroker, abi: ticketBrokerAbi, account, chain: null }
    await cheat.writeContract({ ...call, functionName: 'pause' })
  }
}

async function setFunds(
  { cheat, addresses, redeemable }: VectorState,
  { pre, ticketHash }: TicketVector,
): Promise<void> {
  const { sender, recipient } = redeemable.ticket
  const address = addresses.ticketBroker
  const deposit = BigInt(pre.senderDeposit)
  const reserve = BigInt(pre.reserveRemaining)
  const set = async (index: Hex, word: bigint): Promise<void> =>
    cheat.setStorageAt({ address, index, value: numberToHex(word, { size: 32 }) })
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

function padded(address: Address): Hex {
  return numberToHex(BigInt(address), { size: 32 })
}

function mappingSlot(key: Hex, slot: bigint): Hex {
  return keccak256(encodeAbiParameters(parseAbiParameters('bytes32, uint256'), [key, slot]))
}

async function verifyState(
  { cheat, addresses, broker, redeemable }: VectorState,
  { pre, ticketHash }: TicketVector,
): Promise<void> {
  const { sender, recipient } = redeemable.ticket
  const bonding = { address: addresses.bondingManager, abi: bondingManagerAbi } as const
  const info = await broker.senderInfo(sender)
  const size = await cheat.readContract({ ...bonding, functionName: 'currentRoundPoolSize' })
  const reached: [what: string, reached: unknown, wanted: unknown][] = [
    ['deposit', info.deposit, BigInt(pre.senderDeposit)],
    ['withdraw round', info.withdrawRound, BigInt(pre.senderWithdrawRound)],
    ['reserve', info.reserve.fundsRemaining, BigInt(pre.reserveRemaining)],
    ['claims', info.reserve.claimedInCurrentRound, BigInt(pre.reserveClaimedInCurrentRound)],
    ['pool size', size, BigInt(pre.activePoolSize)],
    ['used flag', await broker.isUsedTicket(fromHex(ticketHash)), pre.ticketAlreadyUsed],
    ['pause', await broker.paused(), pre.systemPaused],
  ]
  if (!nobody.test(recipient)) {
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

async function redeem(state: VectorState, vector: TicketVector): Promise<RedemptionOutcome> {
  const { cheat, addresses, broker, redeemable } = state
  const { recipient } = redeemable.ticket
  const simulated = await broker.simulateRedeem(redeemable)
  if (!simulated.ok) return { accepted: false, reason: simulated.error.reason, amountPaidWei: 0n }
  const before = await broker.pendingFees(recipient)
  const account = addressOf(vector.submittedBy)
  await impersonate(cheat, account)
  const { ticket } = vector
  const hash = await cheat.writeContract({
    address: addresses.ticketBroker,
    abi: ticketBrokerAbi,
    account,
    chain: null,
    functionName: 'redeemWinningTicket',
    args: [
      {
        ...redeemable.ticket,
        recipientRandHash: ticket.recipientRandHash,
        auxData: ticket.auxData,
      },
      vector.signature,
      redeemable.recipientRand,
    ],
  })
  const { status } = await cheat.waitForTransactionReceipt({ hash, pollingInterval: 20 })
  const paid = (await broker.pendingFees(recipient)) - before
  const accepted = status === 'success'
  return { accepted, reason: accepted ? null : 'reverted', amountPaidWei: paid }
}
