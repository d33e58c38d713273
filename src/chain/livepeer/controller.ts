import { parseAbi } from 'viem'
import type { AbortOptions } from '../../lib/abort.ts'
import { toHex } from '../../lib/bytes.ts'
import { type Address, parseAddress } from '../../lib/crypto/address.ts'
import { keccak256 } from '../../lib/crypto/keccak.ts'
import { assert, hasCode, MillraceError } from '../../lib/errors.ts'
import { requireCode } from '../code.ts'
import { type ContractComponents, type ContractInit, createContract } from '../contract.ts'

const controllerAbi = parseAbi([
  'function getContract(bytes32 id) view returns (address)',
  'function paused() view returns (bool)',
])

/** Names under which a controller keeps the contracts that a node needs. */
export type ControllerName =
  | 'TicketBroker'
  | 'RoundsManager'
  | 'BondingManager'
  | 'ServiceRegistry'
  | 'LivepeerToken'

/** The contract that names all others of a deployment. */
export interface Controller {
  readonly address: Address
  /** @throws `CONTRACT_UNREGISTERED` or `CONTROLLER_INVALID` */
  find(name: ControllerName, options?: AbortOptions): Promise<Address>
  /** Whether the whole deployment is paused. */
  paused(options?: AbortOptions): Promise<boolean>
}

/**
 * The controller at an address.
 *
 * @throws `CONTRACT_MISSING` when nothing is there
 */
export async function openController(
  components: ContractComponents,
  { address }: ContractInit,
  options: AbortOptions,
): Promise<Controller> {
  await requireCode(components.client, { name: 'controller', address }, options)
  const { read } = createContract(components, controllerAbi, { address })
  return {
    address,
    async find(name, abort) {
      const found = await read('getContract', [nameId(name)], abort).catch((cause: unknown) => {
        if (!hasCode(cause, 'CALL_REVERTED') && !hasCode(cause, 'CONTRACT_MISSING')) throw cause
        throw new MillraceError('CONTROLLER_INVALID', `${address} is no Livepeer controller`, {
          cause,
          hint: 'Set chain.contracts.controller to the address of the contract named Controller',
          meta: { address },
        })
      })
      const contract = parseAddress(found)
      assert(contract !== null, 'the client library gives well-formed addresses')
      if (BigInt(contract) !== 0n) return contract
      throw new MillraceError('CONTRACT_UNREGISTERED', `the controller names no ${name}`, {
        hint: `Check that ${address} is the controller in use, on the right chain`,
        meta: { name, controller: address },
      })
    },
    paused: async (abort) => read('paused', [], abort),
  }
}

function nameId(name: ControllerName): `0x${string}` {
  return toHex(keccak256(new TextEncoder().encode(name)))
}
