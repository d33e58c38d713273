import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { hash160 } from '../../../../src/lib/crypto/hash160.ts'
import {
  type ChannelSpend,
  compileScriptSig,
  parseScriptSig,
  spendsDeposit,
} from '../../../../src/rails/channel/bitcoin/script-sigs.ts'
import {
  compileCommitScript,
  compileDepositScript,
  parseCommitScript,
  parseDepositScript,
} from '../../../../src/rails/channel/bitcoin/scripts.ts'
import { named } from '../../../helpers/channel-protocol.ts'

/** As much of the interpreter as is used here; the package has no types. */
interface Bitcore {
  PrivateKey: new (hex: string) => { publicKey: { toBuffer(): Buffer } }
  Script: {
    fromBuffer(bytes: Buffer): object
    buildScriptHashOut(script: object): object
    Interpreter: {
      new (): {
        verify(sig: object, output: object, tx: object, input: number, flags: number): boolean
        errstr: string
      }
      SCRIPT_VERIFY_P2SH: number
      SCRIPT_VERIFY_CHECKSEQUENCEVERIFY: number
      SCRIPT_VERIFY_STRICTENC: number
      SCRIPT_VERIFY_MINIMALDATA: number
      SCRIPT_VERIFY_LOW_S: number
    }
  }
  Transaction: {
    new (): BitcoreTransaction
    Sighash: {
      sign(
        tx: object,
        key: object,
        type: number,
        input: number,
        script: object,
      ): { toBuffer(): Buffer }
    }
    Input: new (fields: object) => object
    Output: new (fields: object) => object
  }
}

interface BitcoreTransaction {
  version: number
  addInput(input: object): void
  uncheckedAddInput(input: object): BitcoreTransaction
  addOutput(output: object): BitcoreTransaction
}

const bitcore = createRequire(import.meta.url)('bitcore-lib') as Bitcore
const { Script, Transaction } = bitcore
const keyOf = (name: string) => new bitcore.PrivateKey(Buffer.from(named(name)).toString('hex'))
const [payer, payee, stranger] = [keyOf('btc payer'), keyOf('btc payee'), keyOf('btc stranger')]
const publicKeyOf = (key: ReturnType<typeof keyOf>) => new Uint8Array(key.publicKey.toBuffer())
const [spendSecret, revokeSecret] = [named('btc spend'), named('btc revoke')]

const deposit = {
  payerPubkey: publicKeyOf(payer),
  payeePubkey: publicKeyOf(payee),
  spendSecretHash: hash160(spendSecret),
  expireTime: 1337,
}
const commit = {
  payerPubkey: publicKeyOf(payer),
  payeePubkey: publicKeyOf(payee),
  spendSecretHash: hash160(spendSecret),
  revokeSecretHash: hash160(revokeSecret),
  delayTime: 42,
}
const depositScript = compileDepositScript(deposit)
const commitScript = compileCommitScript(commit)

type Signer = (key: ReturnType<typeof keyOf>) => Uint8Array

/** Whether the network's rules let a spend through, `blocks` after the output was mined. */
function isAccepted(
  script: Uint8Array,
  blocks: number,
  spend: (sign: Signer) => ChannelSpend | Uint8Array,
): boolean {
  const redeem = Script.fromBuffer(Buffer.from(script))
  const output = Script.buildScriptHashOut(redeem)
  const tx = new Transaction()
  // Relative lock times count from version 2 on.
  tx.version = 2
  const prevTxId = Buffer.from(named('btc output')).toString('hex')
  const input = {
    prevTxId,
    outputIndex: 0,
    sequenceNumber: blocks,
    script: Script.fromBuffer(Buffer.alloc(0)),
  }
  tx.uncheckedAddInput(new Transaction.Input(input))
  tx.addOutput(new Transaction.Output({ satoshis: 1_000, script: output }))
  const sign: Signer = (key) => {
    const signature = Transaction.Sighash.sign(tx, key, 1, 0, redeem)
    return Uint8Array.from([...signature.toBuffer(), 1])
  }
  const answered = spend(sign)
  const bytes = answered instanceof Uint8Array ? answered : compileScriptSig(answered, script)
  const rules = Script.Interpreter
  const flags =
    rules.SCRIPT_VERIFY_P2SH |
    rules.SCRIPT_VERIFY_CHECKSEQUENCEVERIFY |
    rules.SCRIPT_VERIFY_STRICTENC |
    rules.SCRIPT_VERIFY_MINIMALDATA |
    rules.SCRIPT_VERIFY_LOW_S
  return new rules().verify(Script.fromBuffer(Buffer.from(bytes)), output, tx, 0, flags)
}

const spends: Readonly<Record<ChannelSpend['kind'], (sign: Signer) => ChannelSpend>> = {
  expire: (sign) => ({ kind: 'expire', payerSig: sign(payer) }),
  change: (sign) => ({ kind: 'change', payerSig: sign(payer), spendSecret }),
  commit: (sign) => ({ kind: 'commit', payerSig: sign(payer), payeeSig: sign(payee) }),
  payout: (sign) => ({ kind: 'payout', payeeSig: sign(payee), spendSecret }),
  revoke: (sign) => ({ kind: 'revoke', payerSig: sign(payer), revokeSecret }),
}

describe('P27 the five spends before an interpreter of Bitcoin', () => {
  test('are accepted, each at its time', () => {
    expect(isAccepted(depositScript, 1337, spends.expire)).toBe(true)
    expect(isAccepted(depositScript, 0, spends.change)).toBe(true)
    expect(isAccepted(depositScript, 0, spends.commit)).toBe(true)
    expect(isAccepted(commitScript, 42, spends.payout)).toBe(true)
    expect(isAccepted(commitScript, 0, spends.revoke)).toBe(true)
  })

  test.each([
    ['expire one block early', depositScript, 1336, spends.expire],
    ['payout one block early', commitScript, 41, spends.payout],
    [
      'expire by the payee',
      depositScript,
      1337,
      (sign: Signer) => ({ kind: 'expire', payerSig: sign(payee) }),
    ],
    [
      'change with another secret',
      depositScript,
      0,
      (sign: Signer) => ({ kind: 'change', payerSig: sign(payer), spendSecret: revokeSecret }),
    ],
    [
      'change by the payee',
      depositScript,
      0,
      (sign: Signer) => ({ kind: 'change', payerSig: sign(payee), spendSecret }),
    ],
    [
      'commit in the wrong order',
      depositScript,
      0,
      (sign: Signer) => ({ kind: 'commit', payerSig: sign(payee), payeeSig: sign(payer) }),
    ],
    [
      'commit by a stranger',
      depositScript,
      0,
      (sign: Signer) => ({ kind: 'commit', payerSig: sign(payer), payeeSig: sign(stranger) }),
    ],
    [
      'payout by the payer',
      commitScript,
      42,
      (sign: Signer) => ({ kind: 'payout', payeeSig: sign(payer), spendSecret }),
    ],
    [
      'revoke with the spend secret',
      commitScript,
      0,
      (sign: Signer) => ({ kind: 'revoke', payerSig: sign(payer), revokeSecret: spendSecret }),
    ],
    [
      'revoke by the payee',
      commitScript,
      0,
      (sign: Signer) => ({ kind: 'revoke', payerSig: sign(payee), revokeSecret }),
    ],
  ] as const)('%s is refused', (_, script, blocks, spend) => {
    expect(isAccepted(script, blocks, spend as (sign: Signer) => ChannelSpend)).toBe(false)
  })
})

describe('scripts', () => {
  test('come back as they went in, whatever the number of blocks', () => {
    for (const blocks of [0, 1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 65_535]) {
      const lasting = { ...deposit, expireTime: blocks }
      expect(parseDepositScript(compileDepositScript(lasting))).toEqual(lasting)
      const delayed = { ...commit, delayTime: blocks }
      expect(parseCommitScript(compileCommitScript(delayed))).toEqual(delayed)
    }
  })

  test('are of a fixed form: anything else is not parsed', () => {
    expect(compileDepositScript({ ...deposit, expireTime: 65_535 })).toHaveLength(176)
    expect(compileCommitScript({ ...commit, delayTime: 2 })).toHaveLength(122)
    for (const [script, parse] of [
      [depositScript, parseDepositScript],
      [commitScript, parseCommitScript],
    ] as const) {
      for (let at = 0; at < script.byteLength; at += 1) {
        const cut = parse(script.slice(0, at))
        expect(cut).toBeNull()
      }
      expect(parse(Uint8Array.from([...script, 0]))).toBeNull()
    }
    expect(parseCommitScript(depositScript)).toBeNull()
    expect(parseDepositScript(commitScript)).toBeNull()
  })

  test('take compressed keys, hashes of 20 bytes and 0 to 65535 blocks', () => {
    const code = (name: string) => expect.objectContaining({ code: name })
    const wrong = (fields: object) => () => compileDepositScript({ ...deposit, ...fields })
    expect(wrong({ payerPubkey: new Uint8Array(33) })).toThrow(code('INVALID_PUB_KEY'))
    expect(wrong({ payeePubkey: new Uint8Array(65) })).toThrow(code('INVALID_PUB_KEY'))
    expect(wrong({ spendSecretHash: new Uint8Array(32) })).toThrow(code('INVALID_HASH160'))
    expect(wrong({ expireTime: 65_536 })).toThrow(code('INVALID_SEQUENCE'))
  })

  test('input scripts come back as they went in, and no two are taken for one another', () => {
    const sign: Signer = () => named('btc signature').slice(0, 31)
    for (const [kind, spend] of Object.entries(spends)) {
      const isDeposit = spendsDeposit[kind as ChannelSpend['kind']]
      const redeemScript = isDeposit ? depositScript : commitScript
      const made = spend(sign)
      const bytes = compileScriptSig(made, redeemScript)
      expect(parseScriptSig(bytes, isDeposit)).toEqual({ spend: made, redeemScript })
      for (let at = 0; at < bytes.byteLength; at += 1) {
        const cut = parseScriptSig(bytes.slice(0, at), isDeposit)
        expect(cut?.redeemScript).not.toEqual(redeemScript)
      }
    }
  })
})
