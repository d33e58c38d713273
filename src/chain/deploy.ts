import {
  type Abi,
  type ContractConstructorArgs,
  type EncodeDeployDataParameters,
  encodeDeployData,
  getContractAddress,
} from 'viem'
import { type AbortOptions, sleep } from '../lib/abort.ts'
import { fromHex, type Hex, toHex } from '../lib/bytes.ts'
import { type Address, parseAddress } from '../lib/crypto/address.ts'
import { assert, MillraceError } from '../lib/errors.ts'
import { bondingManagerAbi, bondingManagerBytecode } from './abi/bonding-manager.ts'
import { mediaExchangeAbi, mediaExchangeBytecode } from './abi/media-exchange.ts'
import { paymentChannelsAbi, paymentChannelsBytecode } from './abi/payment-channels.ts'
import { roundsManagerAbi, roundsManagerBytecode } from './abi/rounds-manager.ts'
import { serviceRegistryAbi, serviceRegistryBytecode } from './abi/service-registry.ts'
import { ticketBrokerAbi, ticketBrokerBytecode } from './abi/ticket-broker.ts'
import { userRegistryAbi, userRegistryBytecode } from './abi/user-registry.ts'
import { videoRegistryAbi, videoRegistryBytecode } from './abi/video-registry.ts'
import { workTokenAbi, workTokenBytecode } from './abi/work-token.ts'
import { ask, type ChainClient } from './client.ts'
import { createTransactionNode, type TransactionNode } from './transaction-node.ts'

/**
 * How a deployment chooses who is active: so many with the most stake; everyone with a minimum; everyone
 * with a fixed amount, beyond which stake earns no reward; or everyone, and each client sets the least
 * stake it works with.
 */
export type ActiveSetPolicy = 'most-stake' | 'minimum' | 'fixed' | 'open'

const policyNumbers: Readonly<Record<ActiveSetPolicy, number>> = {
  'most-stake': 0,
  minimum: 1,
  fixed: 2,
  open: 3,
}

/** Parameters of a deployment. */
export interface DeployInit {
  /** Seconds in a round. */
  readonly roundLengthSeconds: bigint
  /** Number of the round that begins with the deployment. Default 1. */
  readonly firstRound?: bigint
  /** Rounds between unlocking and withdrawing. Default 2. */
  readonly unlockPeriod?: bigint
  /** Rounds for which a ticket is valid; above 2, its fees may miss delegators that left. Default 2. */
  readonly ticketValidityPeriod?: bigint
  /** How orchestrators become active. Default `most-stake`. */
  readonly policy?: ActiveSetPolicy
  /** How many orchestrators are active at most, under `most-stake`. Default 100. */
  readonly poolSize?: bigint
  /** Stake an orchestrator needs, under `minimum` and `fixed`. Default 1 whole token. */
  readonly requiredStake?: bigint
  /** Rounds between unbonding and withdrawing stake. Default 7. */
  readonly unbondingPeriod?: bigint
  /** New tokens of a round, in parts of the supply per 10^9. Default 220,000: 0.022 %. */
  readonly inflation?: bigint
  /** By how much inflation changes from round to round, per 10^9. Default 500. */
  readonly inflationChange?: bigint
  /** Part of the supply, per 10^9, below whose bonding inflation rises. Default half. */
  readonly targetBondingRate?: bigint
  /** The contract that may slash. Default none; the deployer can set it later. */
  readonly verifier?: Address
  /** Work tokens minted for the deployer, in 10^-18. Default 10 million whole ones. */
  readonly tokenSupply?: bigint
}

/** Where the contracts are. */
export interface ContractAddresses {
  readonly workToken: Address
  readonly roundsManager: Address
  readonly bondingManager: Address
  readonly ticketBroker: Address
  readonly serviceRegistry: Address
  readonly userRegistry: Address
  readonly videoRegistry: Address
  readonly mediaExchange: Address
  readonly paymentChannels: Address
}

/**
 * Deploys all contracts from the client's account and waits until they are mined. The account must
 * make no other transaction meanwhile: the contracts name one another by addresses computed from
 * its nonces.
 *
 * @throws `CHAIN_READ_ONLY` when the client has no key
 * @throws `TX_REVERTED` or `TX_UNDERFUNDED`
 */
export async function deployContracts(
  client: ChainClient,
  init: DeployInit,
  options: AbortOptions = {},
): Promise<ContractAddresses> {
  const node = createTransactionNode(client, {})
  const first = await node.transactionCount('pending', options)
  const at = (index: number): Address => addressAt(client, first + index)
  const addresses = {
    workToken: at(0),
    roundsManager: at(1),
    bondingManager: at(2),
    ticketBroker: at(3),
    serviceRegistry: at(4),
    paymentChannels: at(5),
    userRegistry: at(6),
    videoRegistry: at(7),
    mediaExchange: at(8),
  }
  const creations = creationCodes(addresses, init)
  // One after the other: the constructors of the later ask the earlier.
  for (const [index, data] of creations.entries()) {
    await create({ client, node }, { nonce: first + index, data, expected: at(index) }, options)
  }
  return addresses
}

function creationCodes(addresses: ContractAddresses, init: DeployInit): readonly Uint8Array[] {
  const { workToken, roundsManager, bondingManager, ticketBroker } = addresses
  const { userRegistry, mediaExchange } = addresses
  const { unlockPeriod = 2n, ticketValidityPeriod = 2n, firstRound = 1n } = init
  const supply = init.tokenSupply ?? 10_000_000n * 10n ** 18n
  return [
    code(workTokenAbi, workTokenBytecode, [supply, bondingManager]),
    code(roundsManagerAbi, roundsManagerBytecode, [
      ...([init.roundLengthSeconds, firstRound, ticketBroker] as const),
    ]),
    code(bondingManagerAbi, bondingManagerBytecode, [
      ...([workToken, roundsManager, ticketBroker, choicesOf(init)] as const),
    ]),
    code(ticketBrokerAbi, ticketBrokerBytecode, [
      ...([roundsManager, bondingManager, unlockPeriod, ticketValidityPeriod] as const),
    ]),
    code(serviceRegistryAbi, serviceRegistryBytecode, [bondingManager, roundsManager]),
    code(paymentChannelsAbi, paymentChannelsBytecode, []),
    code(userRegistryAbi, userRegistryBytecode, [mediaExchange]),
    code(videoRegistryAbi, videoRegistryBytecode, []),
    code(mediaExchangeAbi, mediaExchangeBytecode, [userRegistry]),
  ]
}

function choicesOf(init: DeployInit) {
  const nobody: Address = '0x0000000000000000000000000000000000000000'
  return {
    policy: policyNumbers[init.policy ?? 'most-stake'],
    poolMaxSize: init.poolSize ?? 100n,
    requiredStake: init.requiredStake ?? 10n ** 18n,
    unbondingPeriod: init.unbondingPeriod ?? 7n,
    inflation: init.inflation ?? 220_000n,
    inflationChange: init.inflationChange ?? 500n,
    targetBondingRate: init.targetBondingRate ?? 500_000_000n,
    verifier: init.verifier ?? nobody,
  }
}

function code<const A extends Abi>(
  abi: A,
  bytecode: Hex,
  args: ContractConstructorArgs<A>,
): Uint8Array {
  const call = { abi, bytecode, args } as unknown as EncodeDeployDataParameters
  return fromHex(encodeDeployData(call))
}

function addressAt(client: ChainClient, nonce: number): Address {
  const from = client.address
  assert(from !== undefined, 'a client that deploys has an account')
  const address = parseAddress(getContractAddress({ from, nonce: BigInt(nonce) }))
  assert(address !== null, 'a computed address is well formed')
  return address
}

async function create(
  { client, node }: { readonly client: ChainClient; readonly node: TransactionNode },
  { nonce, data, expected }: { nonce: number; data: Uint8Array; expected: Address },
  options: AbortOptions,
): Promise<void> {
  const account = client.address as Address
  const gas = await ask(client.viem.estimateGas({ account, data: toHex(data) }), options)
  const fees = await node.fees(options)
  const attempt = await node.sign({ to: null, data, value: 0n, gas, nonce }, fees, 0)
  const refusal = await node.send(attempt.raw, options)
  if (refusal !== null) {
    throw new MillraceError(
      refusal === 'underfunded' ? 'TX_UNDERFUNDED' : 'TX_REJECTED',
      'the chain node refused a deployment',
      { meta: { refusal } },
    )
  }
  let delayMs = 20
  for (;;) {
    const receipt = await node.receipt(attempt.hash, options)
    if (receipt?.status === 'success') return
    if (receipt !== undefined) {
      throw new MillraceError('TX_REVERTED', 'a deployment reverted', { meta: { expected } })
    }
    await sleep(delayMs, options)
    delayMs = Math.min(delayMs * 2, client.pollingIntervalMs)
  }
}
