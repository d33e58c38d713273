import { createPublicClient, type PublicClient, type Transport } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Wei } from '../lib/wei.ts'
import { chainError } from './failures.ts'
import { createRpcTransport } from './transport.ts'

/** Which chain to connect to, and as whom. */
export interface ChainClientInit {
  /** `http(s)` or `ws(s)`. */
  readonly rpcUrl: string
  readonly chainId: number
  /** 32 bytes; without it the chain can only be read. */
  readonly privateKey?: Uint8Array
  /** Pause between looks at the chain. Default 1000. */
  readonly pollingIntervalMs?: number
}

/** A verified connection to one chain. Rooms above pass it on and never look inside. */
export interface ChainClient {
  readonly chainId: number
  readonly rpcUrl: string
  readonly pollingIntervalMs: number
  /** The account that signs transactions, if there is a key. */
  readonly address: Address | undefined
  blockNumber(options?: AbortOptions): Promise<bigint>
  /** Wei of an account. */
  balance(address: Address, options?: AbortOptions): Promise<Wei>
  close(): void
  /** @internal The client library's own client. */
  readonly viem: PublicClient<Transport>
  /** @internal The client library's signer. */
  readonly signer: PrivateKeyAccount | undefined
}

/**
 * Connects to a chain and makes sure that it is the one that was meant.
 *
 * @throws `CHAIN_UNREACHABLE` when the endpoint does not answer
 * @throws `CHAIN_ID_MISMATCH` when it answers for another chain
 */
export async function connectChain(
  components: { readonly logger: Logger },
  init: ChainClientInit,
  options: AbortOptions = {},
): Promise<ChainClient> {
  const rpc = createRpcTransport(init.rpcUrl)
  const pollingIntervalMs = init.pollingIntervalMs ?? 1000
  const viem = createPublicClient({
    transport: rpc.transport,
    pollingInterval: pollingIntervalMs,
    // A height that is cached could hide a block from whoever polls for it.
    cacheTime: 0,
  })
  try {
    const chainId = await ask(viem.getChainId(), options)
    if (chainId !== init.chainId) {
      throw new MillraceError(
        'CHAIN_ID_MISMATCH',
        `the RPC endpoint serves chain ${chainId}, not ${init.chainId}`,
        {
          hint: 'Point the RPC URL at the configured chain, or configure the chain it serves',
          meta: { expected: init.chainId, actual: chainId },
        },
      )
    }
  } catch (error) {
    rpc.close()
    throw error
  }
  const signer =
    init.privateKey === undefined ? undefined : privateKeyToAccount(toHex(init.privateKey))
  components.logger.debug({ chainId: init.chainId, address: signer?.address }, 'chain connected')
  return {
    chainId: init.chainId,
    rpcUrl: init.rpcUrl,
    pollingIntervalMs,
    address: signer?.address,
    blockNumber: async (abort) => ask(viem.getBlockNumber(), abort),
    balance: async (address, abort) => ask(viem.getBalance({ address }), abort),
    close: () => rpc.close(),
    viem,
    signer,
  }
}

/**
 * Waits for the client library, with its failures turned into the room's. The request itself is
 * not cancelled by the signal; its result is dropped.
 */
export async function ask<T>(work: Promise<T>, options: AbortOptions = {}): Promise<T> {
  // An abort that came before leaves nobody else to hear of the failure.
  work.catch(() => {})
  try {
    return await raceSignal(work, options)
  } catch (error) {
    throw chainError(error)
  }
}
