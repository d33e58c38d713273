import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileWire, findDrift, listWireSources } from '../../../scripts/build-wire.ts'
import { Advert, AdvertSyncReply } from '../../../src/net/wire/advert.ts'
import { QuoteReply, RefusalCode } from '../../../src/net/wire/negotiate.ts'
import { WireError, WireErrorCode } from '../../../src/net/wire/segment.ts'

describe('the checked-in wire codecs', () => {
  test('are what the contracts compile to', async () => {
    expect([...(await findDrift()).keys()]).toEqual([])
  })

  test('cover every contract', async () => {
    const names = (await listWireSources()).map(({ output }) => output.split('/').at(-1))
    expect(names).toEqual(expect.arrayContaining(['advert.ts', 'negotiate.ts', 'segment.ts']))
  })

  test('encode as protobuf does', () => {
    const bytes = Advert.encode({
      chainId: 300n,
      peerId: 'a',
      capacity: { slots: 1, freeSlots: 0 },
    })
    // 1: varint 300; 2: "a"; 11: { 1: varint 1 }.
    expect([...bytes]).toEqual([0x08, 0xac, 0x02, 0x12, 1, 0x61, 0x5a, 2, 0x08, 1])
    const advert = Advert.decode(bytes)
    expect(advert).toMatchObject({ chainId: 300n, peerId: 'a', ttlMs: 0, services: [] })
    expect(advert.capacity).toEqual({ slots: 1, freeSlots: 0 })
  })

  test('know one answer of several, and an optional field that is absent', () => {
    const refusal = { code: RefusalCode.AT_CAPACITY, detail: '', retryAfterMs: 0 }
    expect(QuoteReply.decode(QuoteReply.encode({ refusal }))).toEqual({ refusal })
    const error = WireError.decode(WireError.encode({ code: WireErrorCode.LOW_PM_BALANCE }))
    expect(error.code).toBe('LOW_PM_BALANCE')
    expect(error.index).toBeUndefined()
  })

  test('refuse an enum value that they do not know', () => {
    expect(() => WireError.decode(Uint8Array.of(0x08, 99))).toThrow()
  })

  test('bound repeated fields when asked to', () => {
    const bytes = AdvertSyncReply.encode({ adverts: [Uint8Array.of(1), Uint8Array.of(2)] })
    expect(AdvertSyncReply.decode(bytes, { limits: { adverts: 2 } }).adverts).toHaveLength(2)
    expect(() => AdvertSyncReply.decode(bytes, { limits: { adverts: 1 } })).toThrow()
  })
})

describe('the wire compiler', () => {
  const withProto = async (body: string): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-proto-'))
    try {
      await writeFile(join(directory, 'x.proto'), `syntax = "proto3";\n${body}\n`)
      return await compileWire(join(directory, 'x.proto'), 'x.proto')
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  test('ignores the name of a package', async () => {
    const plain = await withProto('message A { uint32 x = 1; }')
    expect(await withProto('package some.where;\nmessage A { uint32 x = 1; }')).toBe(plain)
  })

  test('refuses what it cannot flatten', async () => {
    await expect(withProto('message A { message B {} B b = 1; }')).rejects.toThrow(/nested/)
    await expect(withProto('message A { map<string, uint32> m = 1; }')).rejects.toThrow(
      /map fields/,
    )
  })

  test('finds a codec that was edited or never written', async () => {
    const base = await mkdtemp(join(tmpdir(), 'millrace-drift-'))
    try {
      await mkdir(join(base, 'protocols/x/1.0.0'), { recursive: true })
      await mkdir(join(base, 'src/net/wire'), { recursive: true })
      await writeFile(
        join(base, 'protocols/x/1.0.0/x.proto'),
        'syntax = "proto3";\nmessage A { bool b = 1; }',
      )
      const [[output, text] = ['', '']] = [...(await findDrift(base))]
      expect(output).toBe(join(base, 'src/net/wire/x.ts'))
      await writeFile(output, text)
      expect((await findDrift(base)).size).toBe(0)
      await writeFile(output, `${text}// edited\n`)
      expect([...(await findDrift(base)).keys()]).toEqual([output])
    } finally {
      await rm(base, { recursive: true, force: true })
    }
  })
})
