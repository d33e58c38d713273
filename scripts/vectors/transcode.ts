import { concatBytes, toHex, utf8 } from '../../src/lib/bytes.ts'
import { DEFAULT_LADDER, PRESETS, type Profile } from '../../src/media/profile.ts'
import * as wire from '../../src/net/wire/transcode.ts'
import { accountText, signAccount, verifyAccount } from '../../src/pool/account-proof.ts'
import {
  checkSecretProof,
  type ProofContext,
  type ProofSide,
  secretProof,
} from '../../src/pool/secret-proof.ts'
import {
  encodePoolMessage,
  encodeWorkerMessage,
  type Hello,
  type PoolMessage,
  parsePoolMessage,
  parseWorkerMessage,
  TRANSCODE_PROTOCOL,
  type WorkerMessage,
} from '../../src/pool/wire.ts'
import { CHAIN_ID, keys, payer, provider, stranger } from './cast.ts'
import { frameOf, plain } from './json.ts'

// The provider is the orchestrator, the stranger works for it.
const SECRET = 'correct horse battery staple'
const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const context: ProofContext = {
  workerPeerId: stranger.peerId,
  orchestratorPeerId: provider.peerId,
  workerNonce: filled(0x0a),
  orchestratorNonce: filled(0x0b),
}
const claim = signAccount(stranger.wallet, stranger.peerId, CHAIN_ID)
const hello: Hello = {
  type: 'hello',
  nonce: context.workerNonce,
  hasSecret: true,
  slots: 4,
  ability: {
    backend: 'node-av:libx264',
    hardware: false,
    minWidth: 32,
    minHeight: 32,
    maxWidth: 4096,
    maxHeight: 4096,
    h264Profiles: ['baseline', 'constrained-high', 'main', 'high'],
  },
  account: claim,
}
const renditions = DEFAULT_LADDER.map(({ name }, i) => ({ name, lengthBytes: i + 2 }))
const toPool: readonly (readonly [name: string, message: WorkerMessage])[] = [
  ['hello', hello],
  ['hello without secret or account', { ...hello, hasSecret: false, account: null }],
  ['proof', { type: 'proof', mac: secretProof(SECRET, 'worker', context) }],
  ['proof of nothing', { type: 'proof', mac: new Uint8Array(0) }],
  ['beat', { type: 'beat', count: 7n }],
  ['done', { type: 'done', id: 1n, renditions, workMs: 480 }],
  ['failed', { type: 'failed', id: 2n, code: 'UNREADABLE', detail: 'no keyframe' }],
  ['drain', { type: 'drain' }],
  ['offer', { type: 'offer', id: 3n, offer: Uint8Array.of(1, 2, 3), detail: '' }],
  ['no offer', { type: 'offer', id: 3n, offer: new Uint8Array(0), detail: 'no account' }],
  ['receipt', { type: 'receipt', id: 4n, credited: 4096n, detail: '' }],
]

const toWorker: readonly (readonly [name: string, message: PoolMessage])[] = [
  ['challenge', { type: 'challenge', nonce: context.orchestratorNonce }],
  [
    'welcome',
    {
      type: 'welcome',
      mac: secretProof(SECRET, 'orchestrator', context),
      chainId: CHAIN_ID,
      payer: provider.address,
    },
  ],
  ['refused', { type: 'refused', code: 'BAD_SECRET', detail: 'no', retryAfterMs: 15_000 }],
  [
    'job',
    {
      type: 'job',
      id: 1n,
      durationMs: 2_000,
      deadlineMs: 8_000,
      profiles: [...DEFAULT_LADDER, PRESETS.get('P144p30') as Profile],
    },
  ],
  ['cancel', { type: 'cancel', id: 1n }],
  ['beat', { type: 'beat', count: 0n }],
  [
    'terms',
    {
      type: 'terms',
      id: 3n,
      due: 15_000_000_000_000n,
      block: 1_000n,
      round: 12n,
      roundBlockHash: filled(0xbb),
      previousRoundBlockHash: filled(0xaa),
      gasPrice: 100_000_000n,
      maxFloat: 10n ** 18n,
      deposit: 2n * 10n ** 18n,
    },
  ],
  ['pay', { type: 'pay', id: 4n, proof: Uint8Array.of(4, 5, 6) }],
]

function malformed() {
  const { hello: usual } = wire.WorkerMessage.decode(encodeWorkerMessage(hello))
  const helloWith = (change: Partial<wire.Hello>): Uint8Array =>
    wire.WorkerMessage.encode({ hello: { ...(usual as wire.Hello), ...change } })
  const jobWith = (change: Partial<wire.Job>): Uint8Array => {
    const { job } = wire.PoolMessage.decode(encodePoolMessage(toWorker[3]?.[1] as PoolMessage))
    return wire.PoolMessage.encode({ job: { ...(job as wire.Job), ...change } })
  }
  const nine = Array(9).fill({ name: 'a', lengthBytes: 1 })
  const workers: [name: string, bytes: Uint8Array][] = [
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['no message', new Uint8Array(0)],
    ['a nonce of 31 bytes', helloWith({ nonce: new Uint8Array(31) })],
    ['no slot', helloWith({ slots: 0 })],
    ['65 slots', helloWith({ slots: 65 })],
    ['an account without its signature', helloWith({ accountSignature: new Uint8Array(0) })],
    ['a backend of 65 letters', helloWith({ backend: 'x'.repeat(65) })],
    ['a proof of 31 bytes', wire.WorkerMessage.encode({ proof: { mac: new Uint8Array(31) } })],
    [
      'nine renditions',
      wire.WorkerMessage.encode({ done: { id: 1n, renditions: nine, workMs: 1 } }),
    ],
  ]
  const pools: [name: string, bytes: Uint8Array][] = [
    ['no message', new Uint8Array(0)],
    [
      'a challenge of 33 bytes',
      wire.PoolMessage.encode({ challenge: { nonce: new Uint8Array(33) } }),
    ],
    ['no profile', jobWith({ profiles: [] })],
    ['no duration', jobWith({ durationMs: 0 })],
    ['no deadline', jobWith({ deadlineMs: 0 })],
  ]
  const row = (side: string, [name, bytes]: [string, Uint8Array], isGood: boolean) => {
    if (isGood) throw new Error(`${name} is taken`)
    return { to: side, name, bytes: toHex(bytes) }
  }
  return [
    ...workers.map((one) => row('orchestrator', one, parseWorkerMessage(one[1]).ok)),
    ...pools.map((one) => row('worker', one, parsePoolMessage(one[1]).ok)),
  ]
}

function proofs() {
  const cases: [name: string, side: ProofSide, change: Partial<ProofContext>][] = [
    ['usual', 'worker', {}],
    ["the orchestrator's", 'orchestrator', {}],
    ['another worker', 'worker', { workerPeerId: payer.peerId }],
    ['another nonce', 'worker', { orchestratorNonce: filled(0x0c) }],
  ]
  const usual = secretProof(SECRET, 'worker', context)
  return cases.map(([name, side, change]) => {
    const of = { ...context, ...change }
    return {
      name,
      side,
      context: plain(of),
      mac: toHex(secretProof(SECRET, side, of)),
      // Whether the usual proof would do here.
      acceptsUsual: checkSecretProof(SECRET, side, of, usual),
    }
  })
}

/** Everything in `protocols/transcode/1.0.0/vectors.json`. */
export async function buildTranscodeVectors() {
  const asText = (
    [name, message]: readonly [string, WorkerMessage | PoolMessage],
    bytes: Uint8Array,
  ) => ({
    name,
    fields: plain(message),
    bytes: toHex(bytes),
  })
  const done = encodeWorkerMessage(toPool[5]?.[1] as WorkerMessage)
  const body = concatBytes(
    ...renditions.map(({ lengthBytes }) => filled(1).subarray(0, lengthBytes)),
  )
  return {
    protocols: { transcode: TRANSCODE_PROTOCOL },
    keys,
    secret: SECRET,
    proofs: proofs(),
    account: {
      text: accountText(stranger.peerId, stranger.address, CHAIN_ID),
      textBytes: toHex(utf8(accountText(stranger.peerId, stranger.address, CHAIN_ID))),
      signature: toHex(claim.signature),
      holdsFor: {
        worker: verifyAccount(claim, stranger.peerId, CHAIN_ID),
        anotherPeer: verifyAccount(claim, payer.peerId, CHAIN_ID),
        anotherChain: verifyAccount(claim, stranger.peerId, 1n),
      },
    },
    toOrchestrator: toPool.map((one) => asText(one, encodeWorkerMessage(one[1]))),
    toWorker: toWorker.map((one) => asText(one, encodePoolMessage(one[1]))),
    doneFrame: toHex(frameOf(done, body)),
    malformed: malformed(),
  }
}
