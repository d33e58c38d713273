import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { contentExchangeLimits as limits } from '../../../src/exchange/content-limits.ts'
import { MESSAGE_TYPES, parseReply, replyJson } from '../../../src/exchange/content-wire.ts'
import { toHex, utf8 } from '../../../src/lib/bytes.ts'
import { type JsonObject, parseCanonical, verifyJson } from '../../../src/rails/check/jcs.ts'

const file = new URL('../../../protocols/exchange/1.0.0/vectors.json', import.meta.url)
const vectors = JSON.parse(await readFile(file, 'utf8')) as {
  readonly cast: { readonly owner: { readonly peerId: string } }
  readonly replies: Readonly<Record<'segments' | 'refusal' | 'gone', string>>
}

function messageOf(text: string): JsonObject {
  const parsed = parseCanonical(utf8(text), limits.maxHeaderBytes)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

test.each(['segments', 'refusal', 'gone'] as const)(
  'the reply %s is read, and written again, as the file says',
  (name) => {
    const message = messageOf(vectors.replies[name])
    expect(verifyJson(MESSAGE_TYPES.reply, message, vectors.cast.owner.peerId)).toBe(true)
    const reply = parseReply(message)
    if (!reply.ok) throw new Error(reply.error)
    const { signature: _, ...unsigned } = message
    expect(replyJson(reply.value)).toEqual(unsigned)
  },
)

test('P15 a reply may carry a reversal, up to the limit, and none that is no hex', () => {
  const { reversal: _, ...gone } = messageOf(vectors.replies.gone)
  const read = (reversal: string) => parseReply({ ...gone, reversal })
  const most = new Uint8Array(limits.maxPaymentBytes)
  expect(read(toHex(most))).toMatchObject({ ok: true, value: { reversal: most } })
  expect(read(`${toHex(most)}00`).ok).toBe(false)
  expect(read('a reversal').ok).toBe(false)
  const without = parseReply(gone)
  expect(without.ok && without.value.reversal).toBeUndefined()
})
