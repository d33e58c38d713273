import { describe, expect, test } from 'vitest'
import { parseVectorFile } from '../../../scripts/lib/conformance-file.ts'
import file from '../../fixtures/ticketbroker.json' with { type: 'json' }

type Loose = Record<string, unknown>

/** The fixture with one key of its second vector replaced, or taken away. */
function altered(path: string, value?: unknown): string {
  const copy = structuredClone(file) as unknown as { vectors: Loose[] }
  const keys = path.split('.')
  const last = keys.pop() as string
  let at = copy.vectors[1] as Loose
  for (const key of keys) at = at[key] as Loose
  if (value === undefined) delete at[last]
  else at[last] = value
  return JSON.stringify(copy)
}

describe('parseVectorFile', () => {
  test('takes every vector of the fixture, addresses checksummed', () => {
    const vectors = parseVectorFile(JSON.stringify(file))
    expect(vectors.map(({ id }) => id)).toEqual(file.vectors.map(({ id }) => id))
    expect(vectors[0]?.ticket).toEqual(file.vectors[0]?.ticket)
    expect(vectors[0]?.pre).toEqual(file.vectors[0]?.pre)
  })

  test('takes any word where a panic left no number to tell', () => {
    for (const word of [null, 'panic 0x11']) {
      const [, vector] = parseVectorFile(altered('pre.claimableByRecipient', word))
      expect(vector?.pre.claimableByRecipient).toBeNull()
    }
  })

  test.each([
    ['pre', undefined],
    ['pre.currentRound', 3],
    ['pre.senderDeposit', '0x10'],
    ['pre.senderDeposit', (2n ** 256n).toString()],
    ['pre.systemPaused', 'no'],
    ['pre.roundBlockHashes.3', '0x12'],
    ['ticket.sender', '0x12'],
    ['ticket.auxData', '0x123'],
    ['signature', undefined],
    ['signature', 'abcd'],
    ['recipientRand', '0x01'],
    ['result.accepted', undefined],
    ['result.amountPaid', '-1'],
  ])('names the vector and the key %s (%j)', (path, value) => {
    expect(() => parseVectorFile(altered(path, value))).toThrow(
      `vector A04-deposit-plus-reserve, key ${path}:`,
    )
  })

  test('names a vector without an id by its place', () => {
    expect(() => parseVectorFile(altered('id'))).toThrow('vector number 2, key id:')
    expect(() => parseVectorFile('{"vectors":[7]}')).toThrow('vector number 1, key (itself):')
  })

  test.each(['', '[]', '{}', '{"vectors":{}}', '{"vectors":[]}'])('refuses %j', (text) => {
    expect(() => parseVectorFile(text)).toThrow(
      expect.objectContaining({ code: 'VECTORS_MALFORMED' }),
    )
  })
})
