import { numberToHex } from 'viem'
import { bondingManagerAbi } from '../../src/chain/abi/bonding-manager.ts'
import { roundsManagerAbi } from '../../src/chain/abi/rounds-manager.ts'
import { ticketBrokerAbi } from '../../src/chain/abi/ticket-broker.ts'
import { workTokenAbi } from '../../src/chain/abi/work-token.ts'
import { connectChain } from '../../src/chain/client.ts'
import { deployContracts } from '../../src/chain/deploy.ts'
import { createTicketBroker } from '../../src/chain/ticket-broker.ts'
import { type Address, parseAddress } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import type { Anvil } from './anvil.ts'
import {
  createCheat,
  impersonate,
  isNobody,
  mined,
  stake,
  type VectorPlace,
} from './conformance-evm.ts'
import type { TicketVector } from './conformance-file.ts'
import { poolAtStart } from './conformance-rules.ts'
import { activateAtOnce } from './conformance-storage.ts'

const roundSeconds = 1000n

/** Vectors with the same key can use one place, one after the other. */
export function placeKey({ pre, ticket }: TicketVector): string {
  return JSON.stringify([
    ...[pre.currentRound, pre.currentRoundInitialized, pre.systemPaused],
    ...[pre.ticketValidityPeriod, pre.unlockPeriod],
    ...[pre.activePoolSize, poolAtStart(pre).toString()],
    ...[ticket.recipient, pre.recipientRegistered, pre.recipientActive],
  ])
}

/**
 * Deploys contracts of its own for a vector and forms its pool and its round, by the contracts' own
 * functions wherever they allow it.
 *
 * @throws RangeError when that is not possible
 */
export async function openPlace(anvil: Anvil, vector: TicketVector): Promise<VectorPlace> {
  const { pre } = vector
  const current = BigInt(pre.currentRound)
  if (current === 0n) throw new RangeError('state not reached: rounds are counted from 1')
  const { chainId, rpcUrl } = anvil
  const { privateKey } = anvil.account(0)
  const init = { rpcUrl, chainId, privateKey, pollingIntervalMs: 50 }
  const client = await connectChain({ logger: silentLogger }, init)
  try {
    const addresses = await deployContracts(client, {
      roundLengthSeconds: roundSeconds,
      firstRound: current > 1n ? current - 1n : current,
      unlockPeriod: BigInt(pre.unlockPeriod),
      ticketValidityPeriod: BigInt(pre.ticketValidityPeriod),
      poolSize: BigInt(pre.activePoolSize) + 100n,
    })
    const place: VectorPlace = {
      cheat: createCheat(anvil),
      addresses,
      broker: createTicketBroker({ client }, { address: addresses.ticketBroker }),
      operator: client.address as Address,
      close: () => client.close(),
    }
    await formPool(place, vector)
    await enterRound(place, vector)
    await changePool(place, vector)
    if (pre.systemPaused) await pause(place)
    return place
  } catch (error) {
    client.close()
    throw error
  }
}

function member(number: bigint): Address {
  return parseAddress(numberToHex(number, { size: 20 })) as Address
}

/** Bonds whoever is active in the current round, in the one before if there is one. */
async function formPool(place: VectorPlace, { pre, ticket }: TicketVector): Promise<void> {
  const joins = pre.recipientActive && !isNobody(ticket.recipient)
  const others = poolAtStart(pre) - (joins ? 1n : 0n)
  for (let i = 0n; i < others; i += 1n) {
    await bond(place, member(0xf111_0000n + i))
  }
  if (joins) await bond(place, ticket.recipient)
}

async function bond({ cheat, addresses, operator }: VectorPlace, account: Address): Promise<void> {
  const token = { address: addresses.workToken, abi: workTokenAbi } as const
  const bonding = { address: addresses.bondingManager, abi: bondingManagerAbi } as const
  await impersonate(cheat, account)
  await mined(cheat, {
    ...token,
    account: operator,
    functionName: 'transfer',
    args: [account, stake],
  })
  await mined(cheat, {
    ...token,
    account,
    functionName: 'approve',
    args: [addresses.bondingManager, stake],
  })
  await mined(cheat, {
    ...bonding,
    account,
    functionName: 'bond',
    args: [stake, account],
  })
}

async function enterRound(place: VectorPlace, vector: TicketVector): Promise<void> {
  const { cheat, addresses, operator } = place
  const { pre } = vector
  const rounds = { address: addresses.roundsManager, abi: roundsManagerAbi } as const
  if (BigInt(pre.currentRound) === 1n) {
    await activateAtOnce(place, vector)
  } else {
    const started = await cheat.readContract({ ...rounds, functionName: 'startTime' })
    // Half a round in, so that the blocks that follow stay within it.
    await cheat.setNextBlockTimestamp({ timestamp: started + roundSeconds + roundSeconds / 2n })
    await cheat.mine({ blocks: 1 })
  }
  if (pre.currentRoundInitialized) {
    const call = { ...rounds, account: operator } as const
    await mined(cheat, { ...call, functionName: 'initializeRound' })
  }
}

/** What happened to the pool since the round began: who joined, and whether the recipient left. */
async function changePool(place: VectorPlace, { pre, ticket }: TicketVector): Promise<void> {
  const newcomers = BigInt(pre.activePoolSize) - poolAtStart(pre)
  for (let i = 0n; i < newcomers; i += 1n) {
    await bond(place, member(0xf222_0000n + i))
  }
  if (isNobody(ticket.recipient) || pre.recipientRegistered === pre.recipientActive) return
  if (pre.recipientRegistered) {
    await bond(place, ticket.recipient)
    return
  }
  const { cheat, addresses } = place
  await mined(cheat, {
    address: addresses.bondingManager,
    abi: bondingManagerAbi,
    account: ticket.recipient,
    functionName: 'unbond',
    args: [stake],
  })
}

async function pause({ cheat, addresses, operator }: VectorPlace): Promise<void> {
  const call = { address: addresses.ticketBroker, abi: ticketBrokerAbi } as const
  await mined(cheat, { ...call, account: operator, functionName: 'pause' })
}
