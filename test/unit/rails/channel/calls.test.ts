import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeFunctionData, hashTypedData } from 'viem'
import { describe, expect, test } from 'vitest'
import { paymentChannelsAbi } from '../../../../src/chain/abi/payment-channels.ts'
import { toHex } from '../../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../../src/lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../../../src/lib/crypto/eip712.ts'
import { loadNative, loadWasm } from '../../../../src/lib/crypto/secp256k1.ts'
import { MillraceError } from '../../../../src/lib/errors.ts'
import {
  addCommit,
  createCommit,
  digestToSign,
  requestCommit,
  withSignature,
} from '../../../../src/rails/channel/commit.ts'
import { depositTtl, makeDeposit, setDeposit } from '../../../../src/rails/channel/deposit.ts'
import {
  type ChannelErrorCode,
  picoPaymentsErrorNames,
} from '../../../../src/rails/channel/errors.ts'
import {
  revokeAll,
  revokeHashesUntil,
  revokeSecretHashesAbove,
} from '../../../../src/rails/channel/revocation.ts'
import {
  highestCommit,
  payouts,
  publishedCommits,
  recoverables,
  transferredAmount,
} from '../../../../src/rails/channel/settlement.ts'
import type { ChannelState } from '../../../../src/rails/channel/state.ts'
import { parseScript, parseTerms } from '../../../../src/rails/channel/terms.ts'
import { parseUnsigned } from '../../../../src/rails/channel/unsigned.ts'
import {
  accountHex,
  depositRequest,
  domain,
  factsOf,
  hashOf,
  named,
  open,
  openBoth,
  pay,
  payee,
  payer,
  revokeSecretOf,
  rich,
  spendSecret,
  spendSecretHash,
} from '../../../helpers/channel-protocol.ts'

function nameOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return picoPaymentsErrorNames[error.code as ChannelErrorCode]
  }
  return 'accepted'
}

const facts = factsOf(open(100n))
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

function paidUpTo(quantities: readonly bigint[]) {
  let states: { payerState: ChannelState; payeeState: ChannelState } = openBoth()
  for (const quantity of quantities) states = pay(states, quantity)
  return states
}

describe('P1 either curve', () => {
  test('signs and recovers the same', async () => {
    const { payerState } = openBoth()
    const hash = hashOf(revokeSecretOf(1n))
    const made = createCommit({ state: payerState, quantity: 1n, revokeSecretHash: hash }, facts)
    const digest = digestToSign(domain, made.tosign.rawtx, made.commit_script)
    const curves = [loadNative(), await loadWasm()].filter((curve) => curve !== null)
    const signed = curves.map((curve) =>
      createDigestSigner(named('payer'), curve).signDigest(digest),
    )
    for (const signature of signed) {
      expect(toHex(signature)).toBe(toHex(payer.signDigest(digest)))
      for (const curve of curves) {
        expect(recoverDigestSigner(digest, signature, curve)).toEqual({
          ok: true,
          value: payer.address,
        })
      }
    }
  })
})

describe('P2 the calls', () => {
  test('leave the state they are given as it is', () => {
    const states = paidUpTo([1n, 2n])
    const before = structuredClone(states)
    pay(states, 3n)
    revokeAll(domain, states.payeeState, [revokeSecretOf(2n)])
    expect(states).toEqual(before)
  })

  test('hold no key: their modules import no signer and no clock, network or store', () => {
    const room = join(import.meta.dirname, '../../../../src/rails/channel')
    const pure = [
      'checks',
      'commit',
      'deposit',
      'facts',
      'revocation',
      'settlement',
      'state',
      'terms',
    ]
    const found = readdirSync(room)
    for (const name of [...pure, 'unsigned', 'errors']) {
      expect(found).toContain(`${name}.ts`)
      // Types alone come from anywhere: nothing is left of them at run time.
      const text = readFileSync(join(room, `${name}.ts`), 'utf8').replace(/^import type .*$/gm, '')
      expect(text).not.toMatch(/from '[^']*(signer|eip191|node:|viem|chain\/|store\/|random)/)
      expect(text).not.toMatch(/Date\.|performance\./)
    }
  })
})

describe('P3 what is not well formed', () => {
  test.each([
    [{ asset: '0g'.repeat(20) }, 'InvalidHexData'],
    [{ asset: 'AA'.repeat(20) }, 'InvalidHexData'],
    [{ asset: '0' }, 'InvalidHexData'],
    [{ payerPubkey: '02'.repeat(33) }, 'InvalidPubKey'],
    [{ payeePubkey: '' }, 'InvalidPubKey'],
    [{ spendSecretHash: '00'.repeat(21) }, 'InvalidHash160'],
    [{ expireTime: 65_536 }, 'InvalidSequence'],
    [{ expireTime: -1 }, 'InvalidSequence'],
    [{ expireTime: 1.5 }, 'InvalidSequence'],
    [{ quantity: 0n }, 'InvalidQuantity'],
    [{ quantity: 2n ** 112n }, 'InvalidQuantity'],
    [{ expireTime: 65_535 }, 'accepted'],
  ])('makeDeposit of %o: %s', (fields, name) => {
    const request = { ...depositRequest, ...fields }
    expect(nameOf(() => makeDeposit(request, { ...factsOf(null), funds: rich }))).toBe(name)
  })

  test('setDeposit, requestCommit, createCommit, addCommit and above', () => {
    const { payerState, payeeState: state } = openBoth()
    const revokeSecretHash = hashOf('01')
    const set = {
      asset: depositRequest.asset,
      depositScript: state.deposit_script,
      expectedPayeePubkey: depositRequest.payeePubkey,
      expectedSpendSecretHash: spendSecretHash,
    }
    expect(nameOf(() => setDeposit({ ...set, depositScript: 'zz' }))).toBe('InvalidHexData')
    expect(nameOf(() => setDeposit({ ...set, expectedPayeePubkey: 'aa' }))).toBe('InvalidPubKey')
    const request = { state, quantity: 1n, revokeSecretHash }
    expect(nameOf(() => requestCommit({ ...request, quantity: 0n }, facts))).toBe('InvalidQuantity')
    expect(nameOf(() => requestCommit({ ...request, revokeSecretHash: 'aa' }, facts))).toBe(
      'InvalidHash160',
    )
    const create = { ...request, state: payerState }
    expect(nameOf(() => createCommit({ ...create, quantity: 0n }, facts))).toBe('InvalidQuantity')
    expect(nameOf(() => createCommit({ ...create, revokeSecretHash: 'a' }, facts))).toBe(
      'InvalidHash160',
    )
    expect(nameOf(() => createCommit({ ...create, delayTime: 65_536 }, facts))).toBe(
      'InvalidSequence',
    )
    const { rawtx, script } = pay(openBoth(), 1n)
    const add = { state, commitRawtx: rawtx, commitScript: script }
    expect(nameOf(() => addCommit({ ...add, commitRawtx: 'xx' }, facts))).toBe('InvalidHexData')
    expect(nameOf(() => addCommit({ ...add, commitScript: `${script}00` }, facts))).toBe(
      'InvalidHexData',
    )
    expect(nameOf(() => revokeSecretHashesAbove(domain, state, -1n))).toBe('InvalidQuantity')
  })
})

describe('P4 a state that was tampered with', () => {
  const { payeeState: good } = paidUpTo([5n, 9n])
  const { state: revoked } = revokeAll(domain, good, [revokeSecretOf(9n)])
  const other = openBoth({ spendSecretHash: hashOf('77') })
  const foreign = pay(other, 3n)
  const [first, second] = good.commits_active
  const entry = revoked.commits_revoked[0]
  const tampers: readonly (readonly [string, object])[] = [
    ['another key', { ...good, extra: [] }],
    ['a key that is missing', { ...good, commits_active: undefined }],
    ['uppercase', { ...good, deposit_script: good.deposit_script.toUpperCase() }],
    ['another asset', { ...good, asset: '11'.repeat(20) }],
    ['no script', { ...good, deposit_script: '' }],
    ['a commit twice', { ...good, commits_active: [first, first] }],
    ['commits out of order', { ...good, commits_active: [second, first] }],
    [
      'a commit of another spend secret',
      { ...good, commits_active: foreign.payeeState.commits_active },
    ],
    ['a commit with a key more', { ...good, commits_active: [{ ...first, more: '' }] }],
    ['a request that is no hash', { ...good, commits_requested: ['aa'] }],
    ['another revoke secret', { ...revoked, commits_revoked: [{ ...entry, revoke_secret: 'aa' }] }],
    ['active and revoked', { ...revoked, commits_active: good.commits_active }],
  ]

  test.each(tampers)('%s: InvalidState from every call', (_, tampered) => {
    const state = tampered as ChannelState
    const hash = hashOf('99')
    const calls = [
      () => requestCommit({ state, quantity: 1n, revokeSecretHash: hash }, facts),
      () => createCommit({ state, quantity: 1n, revokeSecretHash: hash }, facts),
      () => addCommit({ state, commitRawtx: foreign.rawtx, commitScript: foreign.script }, facts),
      () => revokeSecretHashesAbove(domain, state, 1n),
      () => revokeHashesUntil(domain, state, 1n),
      () => revokeAll(domain, state, []),
      () => highestCommit(domain, state),
      () => transferredAmount(domain, state),
      () => payouts(state, spendSecret, facts),
      () => recoverables(state, facts),
      () => depositTtl(state, facts),
      () => publishedCommits(state, facts),
    ]
    for (const call of calls) expect(nameOf(call)).toBe('InvalidState')
  })
})

describe('P5 makeDeposit', () => {
  test('gives the state, the script and what is to be published, unsigned', () => {
    const made = makeDeposit(depositRequest, { ...factsOf(null), funds: rich })
    const terms = parseTerms(bytes(made.deposit_script))
    expect(terms).toMatchObject({ payer: payer.address, payee: payee.address, expireTime: 42 })
    const call = parseUnsigned(made.topublish)
    const args = [{ ...terms, spendHash: `0x${spendSecretHash}` }, depositRequest.quantity] as never
    expect(call).toMatchObject({ to: domain.contract, value: 100n })
    expect(toHex(call.data)).toBe(
      encodeFunctionData({ abi: paymentChannelsAbi, functionName: 'makeDeposit', args }),
    )
    expect(made.state.commits_active).toEqual([])
  })

  test('needs the deposit and gas, and terms of its own', () => {
    const poor = { ...rich, wei: 10n ** 15n + 99n }
    expect(nameOf(() => makeDeposit(depositRequest, { ...factsOf(null), funds: poor }))).toBe(
      'InsufficientFunds',
    )
    expect(nameOf(() => makeDeposit(depositRequest, { ...facts, funds: rich }))).toBe(
      'ChannelAlreadyUsed',
    )
  })
})

test('P6 setDeposit takes only the deposit that was expected', () => {
  const { payeeState } = openBoth()
  const set = {
    asset: depositRequest.asset,
    depositScript: payeeState.deposit_script,
    expectedPayeePubkey: depositRequest.payeePubkey,
    expectedSpendSecretHash: spendSecretHash,
  }
  expect(setDeposit(set).state).toEqual(payeeState)
  const { depositScript } = set
  const cases = [
    [{ depositScript: depositScript.slice(2) }, 'InvalidDepositScript'],
    [{ depositScript: `ff${depositScript.slice(2)}` }, 'InvalidDepositScript'],
    [{ asset: '11'.repeat(20) }, 'InvalidDepositScript'],
    [{ expectedPayeePubkey: accountHex(payer.address) }, 'IncorrectPubKey'],
    [{ expectedSpendSecretHash: hashOf('55') }, 'IncorrectSpendSecretHash'],
  ] as const
  for (const [fields, name] of cases) {
    expect(nameOf(() => setDeposit({ ...set, ...fields }))).toBe(name)
  }
})

test('P7 a commit is asked for up to the confirmed deposit', () => {
  const { payeeState: state } = openBoth()
  const revokeSecretHash = hashOf(revokeSecretOf(100n))
  const request = { state, quantity: 100n, revokeSecretHash }
  const asked = requestCommit(request, facts)
  expect(asked).toMatchObject({ quantity: 100n, revoke_secret_hash: revokeSecretHash })
  expect(asked.state.commits_requested).toEqual([revokeSecretHash])
  expect(nameOf(() => requestCommit({ ...request, quantity: 101n }, facts))).toBe(
    'InvalidTransferQuantity',
  )
  const unconfirmed = { ...facts, minConfirmations: 2 }
  expect(nameOf(() => requestCommit({ ...request, quantity: 1n }, unconfirmed))).toBe(
    'InvalidTransferQuantity',
  )
  expect(nameOf(() => requestCommit({ ...request, quantity: 1n }, factsOf(null)))).toBe(
    'InvalidTransferQuantity',
  )
})

test('P8 createCommit adds to the active commits of the payer, with a delay of 2 by default', () => {
  const { payerState: state } = openBoth()
  const made = createCommit({ state, quantity: 7n, revokeSecretHash: hashOf('aa') }, facts)
  expect(made.state.commits_active).toEqual([
    { rawtx: made.tosign.rawtx, script: made.commit_script },
  ])
  expect(parseScript(bytes(made.commit_script))?.delay).toBe(2)
  expect(made.tosign.deposit_script).toBe(state.deposit_script)
  const digest = digestToSign(domain, made.tosign.rawtx, made.commit_script)
  const types = {
    Commit: [
      { name: 'channel', type: 'bytes32' },
      { name: 'quantity', type: 'uint112' },
      { name: 'revokeSecretHash', type: 'bytes20' },
      { name: 'delayTime', type: 'uint16' },
    ],
  } as const
  const script = parseScript(bytes(made.commit_script))
  expect(toHex(digest)).toBe(
    hashTypedData({
      types,
      primaryType: 'Commit',
      domain: {
        name: 'PaymentChannels',
        version: '1',
        chainId: 31_337,
        verifyingContract: domain.contract,
      },
      message: {
        channel: toHex(script?.channel as Uint8Array),
        quantity: 7n,
        revokeSecretHash: `0x${hashOf('aa')}`,
        delayTime: 2,
      },
    }),
  )
  const again = { state: made.state, quantity: 9n, revokeSecretHash: hashOf('aa') }
  expect(nameOf(() => createCommit(again, facts))).toBe('InvalidHash160')
})

describe('P9 addCommit', () => {
  const { payerState, payeeState } = openBoth()
  const revokeSecretHash = hashOf('aa')
  const asked = requestCommit({ state: payeeState, quantity: 5n, revokeSecretHash }, facts).state
  const made = createCommit({ state: payerState, quantity: 5n, revokeSecretHash }, facts)
  const script = made.commit_script
  const digest = digestToSign(domain, made.tosign.rawtx, script)
  const rawtx = withSignature(made.tosign.rawtx, payer.signDigest(digest))
  const add = { state: asked, commitRawtx: rawtx, commitScript: script }

  test('takes the request and puts the commit in its place', () => {
    const { state } = addCommit(add, facts)
    expect(state.commits_requested).toEqual([])
    expect(state.commits_active).toEqual([{ rawtx, script }])
  })

  test('refuses a hash nobody asked for', () => {
    expect(nameOf(() => addCommit({ ...add, state: payeeState }, facts))).toBe(
      'NoRevokeSecretForCommit',
    )
  })

  test('refuses the signature of another, a flipped one and none', () => {
    const foreign = withSignature(made.tosign.rawtx, payee.signDigest(digest))
    const high = payer.signDigest(digest)
    high[64] = high[64] === 27 ? 28 : 27
    for (const commitRawtx of [
      foreign,
      withSignature(made.tosign.rawtx, high),
      made.tosign.rawtx,
    ]) {
      expect(nameOf(() => addCommit({ ...add, commitRawtx }, facts))).toBe('IncorrectPubKey')
    }
  })

  test('refuses a commit of another spend secret', () => {
    const other = pay(openBoth({ spendSecretHash: hashOf('77') }), 5n)
    const foreign = { ...add, commitRawtx: other.rawtx, commitScript: other.script }
    expect(nameOf(() => addCommit(foreign, facts))).toBe('IncorrectSpendSecretHash')
  })

  test('refuses a delay above the agreed one, a quantity above the deposit, a deposit that ends', () => {
    expect(nameOf(() => addCommit({ ...add, maxDelay: 1 }, facts))).toBe('InvalidSequence')
    expect(nameOf(() => addCommit(add, factsOf(open(4n))))).toBe('InvalidTransferQuantity')
    const late = factsOf(open(100n), { block: 100n + 42n - 6n - 1n })
    expect(nameOf(() => addCommit(add, late))).toBe('ChannelExpiring')
    expect(nameOf(() => addCommit(add, { ...late, block: late.block - 1n }))).toBe('accepted')
  })
})

test('P10 a lower quantity than was asked for counts for what it is', () => {
  const states = pay(openBoth(), 4n, { asked: 90n })
  expect(transferredAmount(domain, states.payeeState)).toBe(4n)
})

test('P11 active commits are in order after every call, whatever the order they came in', () => {
  let states: { payerState: ChannelState; payeeState: ChannelState } = openBoth()
  for (const quantity of [7n, 3n, 9n, 1n, 8n]) {
    states = pay(states, quantity)
    for (const state of [states.payerState, states.payeeState]) {
      const quantities = state.commits_active.map(({ rawtx }) => BigInt(`0x${rawtx.slice(0, 64)}`))
      expect(quantities).toEqual(quantities.toSorted((a, b) => Number(a - b)))
    }
  }
  expect(transferredAmount(domain, states.payeeState)).toBe(9n)
})
