import type { WriteOptions } from '../chain/contract.ts'
import type { UserRegistry } from '../chain/user-registry.ts'
import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import { formatWei, type Wei } from '../lib/wei.ts'
import { metadataText } from './user-metadata.ts'

/** What registering works with. */
export interface UserComponents {
  readonly users: UserRegistry
  readonly wallet: Address
  balance(options: AbortOptions): Promise<Wei>
  gasPrice(options: AbortOptions): Promise<Wei>
  /** A name for a transaction, for which it is sent once. */
  fresh(what: string): WriteOptions
}

/** What a registration would take. */
export interface RegistrationOffer {
  readonly costWei: Wei
  readonly balanceWei: Wei
  /** Only then is it worth offering. */
  readonly canPay: boolean
}

/** What the registration of a key with its addresses costs, and whether the wallet has it. */
export async function offerRegistration(
  { users, balance, gasPrice }: UserComponents,
  key: Uint8Array,
  addresses: readonly string[],
  options: AbortOptions = {},
): Promise<RegistrationOffer> {
  const text = addresses.length === 0 ? '' : metadataText({ addresses })
  const [balanceWei, gas, price] = await Promise.all([
    balance(options),
    users.registrationGas(key, text, options),
    gasPrice(options),
  ])
  const costWei = gas * price
  return { costWei, balanceWei, canPay: balanceWei > 0n && balanceWei >= costWei }
}

/**
 * Lists a communication key under the wallet, registering the wallet if it is not yet, and publishes
 * where the key can be dialled. What is there already is not written again.
 *
 * @throws `WALLET_UNDERFUNDED` when the wallet cannot pay for a registration
 */
export async function registerKey(
  components: UserComponents,
  key: Uint8Array,
  addresses: readonly string[],
  options: AbortOptions = {},
): Promise<'registered' | 'added' | 'known'> {
  const { users, wallet, fresh } = components
  if (await users.isKeyOf(wallet, key, options)) return 'known'
  if (await users.isRegistered(wallet, options)) {
    await users.addKey(key, { ...options, ...fresh('add') })
    return 'added'
  }
  const offer = await offerRegistration(components, key, addresses, options)
  if (!offer.canPay) {
    const { costWei, balanceWei } = offer
    throw new MillraceError('WALLET_UNDERFUNDED', `the wallet ${wallet} cannot register`, {
      meta: { balance: balanceWei, amount: costWei },
      hint: `It takes about ${formatWei(costWei)}; registering is optional`,
    })
  }
  const text = addresses.length === 0 ? '' : metadataText({ addresses })
  await users.register(key, text, { ...options, ...fresh('register') })
  return 'registered'
}
