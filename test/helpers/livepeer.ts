import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Abi } from 'viem'
import { type Anvil, startAnvil } from '../../scripts/lib/anvil.ts'
import { type Hex, toHex } from '../../src/lib/bytes.ts'
import { type Address, parseAddress } from '../../src/lib/crypto/address.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { type Cheat, createCheat } from './chain.ts'

/** Blocks in a round. */
export const roundBlocks = 100

/** A contract of Livepeer's protocol as its makers published it. */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
  readonly linkReferences: Readonly<
    Record<string, Readonly<Record<string, readonly { readonly start: number }[]>>>
  >
}

/** A local EVM with Livepeer's contracts behind their proxies, and a first round. */
export interface LivepeerChain {
  readonly anvil: Anvil
  readonly cheat: Cheat
  readonly controller: Address
  /** Where a contract is that others call: the proxy, if it has one. */
  addressOf(name: string): Address
  /** Gives an account work tokens. */
  mint(to: Address, amount: bigint): Promise<void>
  /** Has the controller name an address, or nothing with the null address. */
  setContract(name: string, address: Address): Promise<void>
  /** Mines to the next round and initializes it. */
  nextRound(): Promise<void>
  stop(): Promise<void>
}

const require = createRequire(import.meta.url)
const published = dirname(require.resolve('@livepeer/sdk/package.json'))
const paths = {
  BondingManager: 'bonding/BondingManager.sol',
  Controller: 'Controller.sol',
  LivepeerToken: 'token/LivepeerToken.sol',
  ManagerProxy: 'ManagerProxy.sol',
  Minter: 'token/Minter.sol',
  RoundsManager: 'rounds/RoundsManager.sol',
  ServiceRegistry: 'ServiceRegistry.sol',
  SortedDoublyLL: 'libraries/SortedDoublyLL.sol',
  TicketBroker: 'pm/TicketBroker.sol',
} as const

type Name = keyof typeof paths

/** A published contract: interface and creation code. */
export async function artifact(name: Name): Promise<Artifact> {
  const path = join(published, 'abis', 'contracts', paths[name], `${name}.json`)
  return JSON.parse(await readFile(path, 'utf8')) as Artifact
}

/** Code that answers 0 to every question: the supply on another layer. */
const zeroCode = '0x5f5f5260205ff3'
const zeroCodeAddress = '0x00000000000000000000000000000000000000c0'

/** Deploys the protocol from account 0, as it is on its own chain. */
export async function startLivepeerChain(): Promise<LivepeerChain> {
  const anvil = await startAnvil()
  const cheat = createCheat(anvil.rpcUrl)
  const tools = toolsOf(anvil, cheat)
  const { deploy, call, known } = tools
  const controller = await deploy('Controller', [])
  const setContract = async (name: string, address: Address): Promise<void> => {
    known.set(name, address)
    const gitCommitHash = toHex(new Uint8Array(20))
    await call('Controller', controller, 'setContractInfo', [idOf(name), address, gitCommitHash])
  }
  await cheat.setCode({ address: zeroCodeAddress, bytecode: zeroCode })
  await setContract('L2LPTDataCache', zeroCodeAddress)
  await setContract('LivepeerToken', await deploy('LivepeerToken', []))
  await setContract('Minter', await deploy('Minter', [controller, 137n, 3n, 500_000n]))
  const library = await deploy('SortedDoublyLL', [])
  for (const name of ['BondingManager', 'TicketBroker', 'RoundsManager'] as const) {
    await setContract(`${name}Target`, await deploy(name, [controller], library))
    await setContract(name, await deploy('ManagerProxy', [controller, idOf(`${name}Target`)]))
  }
  // The name under which the Minter knows the broker.
  await setContract('JobsManager', known.get('TicketBroker') as Address)
  await setContract('ServiceRegistry', await deploy('ServiceRegistry', [controller]))
  const addressOf = (name: string): Address => known.get(name) as Address
  const set = (name: Name, functionName: string, args: readonly unknown[]): Promise<void> =>
    call(name, addressOf(name), functionName, args)
  await set('BondingManager', 'setUnbondingPeriod', [7n])
  await set('BondingManager', 'setNumActiveTranscoders', [10n])
  await set('TicketBroker', 'setUnlockPeriod', [2n])
  await set('TicketBroker', 'setTicketValidityPeriod', [2n])
  await set('RoundsManager', 'setRoundLength', [BigInt(roundBlocks)])
  await set('LivepeerToken', 'grantRole', [idOf('MINTER_ROLE'), tools.deployer])
  await call('Controller', controller, 'unpause', [])
  const nextRound = async (): Promise<void> => {
    const block = Number(await cheat.getBlockNumber({ cacheTime: 0 }))
    await cheat.mine({ blocks: roundBlocks - (block % roundBlocks) })
    await set('RoundsManager', 'initializeRound', [])
  }
  await nextRound()
  return {
    anvil,
    cheat,
    controller,
    addressOf,
    setContract,
    nextRound,
    mint: (to, amount) => set('LivepeerToken', 'mint', [to, amount]),
    stop: () => anvil.stop(),
  }
}

/** What deploys and calls without knowing an interface beforehand. */
function toolsOf(anvil: Anvil, cheat: Cheat) {
  const deployer = anvil.account(0).address
  const known = new Map<string, Address>()
  const from = { account: deployer, chain: null } as const
  return {
    deployer,
    known,
    async deploy(name: Name, args: readonly unknown[], library?: Address): Promise<Address> {
      const { abi, ...code } = await artifact(name)
      const bytecode = library === undefined ? code.bytecode : linked(code, library)
      const hash = await cheat.deployContract({ ...from, abi, bytecode, args })
      const { contractAddress } = await cheat.waitForTransactionReceipt({ hash })
      return parseAddress(contractAddress ?? '') as Address
    },
    async call(name: Name, address: Address, functionName: string, args: readonly unknown[]) {
      const { abi } = await artifact(name)
      const hash = await cheat.writeContract({ ...from, abi, address, functionName, args })
      const { status } = await cheat.waitForTransactionReceipt({ hash })
      if (status !== 'success') throw new Error(`${name}.${functionName} reverted`)
    },
  }
}

/** Creation code with the address of the one library it needs. */
function linked({ bytecode, linkReferences }: Omit<Artifact, 'abi'>, library: Address): Hex {
  const places = Object.values(linkReferences).flatMap((names) => Object.values(names).flat())
  return places.reduce<Hex>((code, { start }) => {
    const at = 2 + start * 2
    return `${code.slice(0, at)}${library.slice(2)}${code.slice(at + 40)}` as Hex
  }, bytecode)
}

/** The id under which a controller keeps a name; a role's id is made alike. */
function idOf(name: string): Hex {
  return toHex(keccak256(new TextEncoder().encode(name)))
}
