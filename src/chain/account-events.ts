import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import { type Address, addressFromBytes } from '../lib/crypto/address.ts'
import { serviceRegistryAbi } from './abi/service-registry.ts'
import { ask, type ChainClient } from './client.ts'
import { chainLimits } from './limits.ts'
import type { BlockRange } from './ticket-broker.ts'

/**
 * The accounts that a contract's events of some blocks name in their topics, whatever the events
 * are. A number that looks like an account is among them: good for dropping what was remembered.
 */
export async function accountsInEvents(
  client: ChainClient,
  address: Address,
  range: BlockRange,
  options: AbortOptions = {},
): Promise<ReadonlySet<Address>> {
  const accounts = new Set<Address>()
  for (const part of parts(range)) {
    const logs = await ask(client.viem.getLogs({ address, ...part }), options)
    for (const { topics } of logs) {
      for (const topic of topics.slice(1)) {
        const bytes = fromHex(topic)
        if (bytes.subarray(0, 12).every((byte) => byte === 0)) {
          accounts.add(addressFromBytes(bytes.subarray(12)))
        }
      }
    }
  }
  return accounts
}

/** What accounts published in the service registry in some blocks, the newest of each; untrusted. */
export async function publishedUris(
  client: ChainClient,
  address: Address,
  range: BlockRange,
  options: AbortOptions = {},
): Promise<ReadonlyMap<Address, string>> {
  const uris = new Map<Address, string>()
  const query = { abi: serviceRegistryAbi, address, eventName: 'ServiceURIUpdate' as const }
  for (const part of parts(range)) {
    const logs = await ask(
      client.viem.getContractEvents({ ...query, ...part, strict: true }),
      options,
    )
    for (const { args } of logs) uris.set(addressFromBytes(fromHex(args.addr)), args.serviceURI)
  }
  return uris
}

function* parts({ fromBlock, toBlock }: BlockRange): Iterable<BlockRange> {
  const step = BigInt(chainLimits.maxLogBlocks)
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n
    yield { fromBlock: from, toBlock: to < toBlock ? to : toBlock }
  }
}
