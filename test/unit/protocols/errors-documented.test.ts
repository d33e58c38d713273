import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { wireErrors } from '../../../src/exchange/wire-error.ts'
import { RefusalCode } from '../../../src/net/wire/negotiate.ts'
import { WireErrorCode } from '../../../src/net/wire/segment.ts'
import { JobFaultCode, PoolRefusalCode } from '../../../src/net/wire/transcode.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const CODE = /^[A-Z][A-Z0-9_]{2,}$/

/** Words in capitals that are no codes of this project. */
const OTHER_WORDS = new Set([
  // A kind of key, as JSON Web Keys name it.
  'OKP',
  ...['EACCES', 'EADDRINUSE', 'EEXIST', 'ENOENT', 'ESRCH', 'EPERM', 'EPIPE', 'LEVEL_LOCKED'],
  ...['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP', 'GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATH'],
  ...['POOL_REFUSAL_UNSPECIFIED', 'JOB_FAULT_UNSPECIFIED'],
  ...['EVENT', 'VOD', 'UNKNOWN', 'ERROR_UNSPECIFIED', 'REFUSAL_UNSPECIFIED'],
  // A contract's own words.
  'INVALID_SIGNATURE_LENGTH',
  // A variable of the environment, and a kind of key.
  ...['MILLRACE_CURVE', 'OKP'],
])

interface Row {
  readonly code: string
  readonly cells: readonly string[]
}

/** The tables of the page, by heading. */
function readPage(): ReadonlyMap<string, readonly Row[]> {
  const sections = new Map<string, Row[]>()
  let rows: Row[] = []
  for (const line of readFileSync(join(root, 'docs/errors.md'), 'utf8').split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1]
    if (heading !== undefined) sections.set(heading, (rows = []))
    const [code, ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const name = /^`(.+)`$/.exec(code ?? '')?.[1]
    if (name !== undefined) rows.push({ code: name, cells })
  }
  return sections
}

const page = readPage()
const rowsOf = (section: string): readonly Row[] => page.get(section) ?? []
const codesOf = (section: string): string[] => rowsOf(section).map(({ code }) => code)

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
}

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/^(net\/wire|chain\/abi)\//.test(path))
  .map((path) => parse(join(root, 'src', path)))

const roomOf = (file: ts.SourceFile): string =>
  relative(join(root, 'src'), file.fileName).split('/')[0] as string

/** The codes written as literals below a node; conditions of a choice are not looked into. */
function literalsIn(node: ts.Node, into: Set<string> = new Set()): Set<string> {
  if (ts.isStringLiteral(node) && CODE.test(node.text)) into.add(node.text)
  if (ts.isConditionalExpression(node)) {
    literalsIn(node.whenTrue, into)
    literalsIn(node.whenFalse, into)
  } else {
    ts.forEachChild(node, (child) => void literalsIn(child, into))
  }
  return into
}

/** Which argument of a call is the code of an error, if the call makes one. */
function codeArgument(node: ts.Node): ts.Node | undefined {
  if (ts.isNewExpression(node) && node.expression.getText().endsWith('Error')) {
    return node.arguments?.[0]
  }
  if (!ts.isCallExpression(node)) return undefined
  const name = node.expression.getText()
  if (name === 'netError') return node.arguments[0]
  return name === 'check' || name === 'found' ? node.arguments[1] : undefined
}

/** Every code that is thrown, with the rooms that throw it. */
function findThrown(): ReadonlyMap<string, ReadonlySet<string>> {
  const thrown = new Map<string, Set<string>>()
  const add = (node: ts.Node, room: string): void => {
    for (const code of literalsIn(node)) {
      thrown.set(code, (thrown.get(code) ?? new Set()).add(room))
    }
  }
  for (const source of sources) {
    const visit = (node: ts.Node): void => {
      const argument = codeArgument(node)
      if (argument !== undefined) add(argument, roomOf(source))
      const isUnion = ts.isTypeAliasDeclaration(node) && node.name.text.endsWith('ErrorCode')
      if (isUnion && node.name.text !== 'WireErrorCode') add(node.type, roomOf(source))
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return thrown
}

/** The codes in the declaration of a type. */
function codesOfType(path: string, name: string): string[] {
  const codes = new Set<string>()
  ts.forEachChild(parse(join(root, 'src', path)), (node) => {
    const isType = ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)
    if (isType && node.name.text === name) literalsIn(node, codes)
  })
  return [...codes].sort()
}

function members(enumeration: object): string[] {
  return Object.keys(enumeration).filter((key) => key !== 'codec' && !key.endsWith('_UNSPECIFIED'))
}

describe('every section', () => {
  test.each([...page.keys()])(
    '%s names each code once, with one meaning and a remedy',
    (section) => {
      const rows = rowsOf(section)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.length).toBe(new Set(codesOf(section)).size)
      const meanings = rows.map(({ cells }) => cells.at(-2))
      expect(meanings.length).toBe(new Set(meanings).size)
      for (const { cells } of rows) expect(cells.every((cell) => cell !== '')).toBe(true)
    },
  )
})

describe('on the wire', () => {
  test('every wire error has its number, class and remedy', () => {
    const rows = rowsOf('Wire errors').map(({ code, cells: [number, kind] }) => [
      code,
      number,
      kind,
    ])
    const numbers = numbersOf('segment', 'WireErrorCode')
    const codes = members(WireErrorCode) as (keyof typeof wireErrors)[]
    expect(rows).toEqual(codes.map((code) => [code, numbers.get(code), wireErrors[code].class]))
  })

  test('every refusal has its number and remedy', () => {
    const rows = rowsOf('Refusals').map(({ code, cells: [number] }) => [code, number])
    const numbers = numbersOf('negotiate', 'RefusalCode')
    expect(rows).toEqual(members(RefusalCode).map((code) => [code, numbers.get(code)]))
  })
})

describe('between an orchestrator and its redeemer', () => {
  test.each([
    ['Redeem refusals', 'RedeemRefusalCode'],
    ['Hand-over verdicts', 'HandOverCode'],
  ])('%s have the numbers of the contract', (section, name) => {
    const numbers = numbersOf('redeem', name)
    for (const { code, cells } of rowsOf(section))
      expect([code, cells[0]]).toEqual([code, numbers.get(code)])
    expect(codesOf(section).length).toBeGreaterThan(0)
  })
})

describe('between an orchestrator and its transcoders', () => {
  test.each([
    ['Pool refusals', 'PoolRefusalCode', PoolRefusalCode],
    ['Transcode job faults', 'JobFaultCode', JobFaultCode],
  ] as const)('%s have the numbers of the contract', (section, name, enumeration) => {
    const numbers = numbersOf('transcode', name)
    const rows = rowsOf(section).map(({ code, cells: [number] }) => [code, number])
    expect(rows).toEqual(members(enumeration).map((code) => [code, numbers.get(code)]))
  })
})

describe('in the code', () => {
  test('every thrown code is documented with the rooms that throw it', () => {
    const found = [...findThrown()].map(([code, rooms]) => [code, [...rooms].sort().join(', ')])
    const documented = rowsOf('Thrown').map(({ code, cells: [rooms = ''] }) => [
      code,
      rooms.split(', ').sort().join(', '),
    ])
    const missing = found.filter(([code]) => !codesOf('Thrown').includes(code as string))
    expect(missing).toEqual([])
    const rooms = new Map(found as [string, string][])
    expect(
      documented.filter(([code, named]) => (rooms.get(code as string) ?? named) !== named),
    ).toEqual([])
  })

  test.each([
    ['Signature faults', [['lib/crypto/eip191.ts', 'SignatureFault']]],
    ['Redeem refusals', [['rails/ticket/redeem-wire.ts', 'RedeemRefusalCode']]],
    ['Hand-over verdicts', [['rails/ticket/redeem-wire.ts', 'HandOverFault']]],
    [
      'Pool worker faults',
      [
        ['pool/member.ts', 'MemberFault'],
        ['pool/assignment.ts', 'LateCode'],
      ],
    ],
    ['Inspection faults', [['pool/inspector.ts', 'InspectionFault']]],
    ['Pool faults', [['pool/assignment.ts', 'PoolFault']]],
    ['Binding faults', [['net/identity.ts', 'BindingFault']]],
    ['Advert faults', [['market/advert-validator.ts', 'AdvertFault']]],
    ['Quote faults', [['market/quote.ts', 'QuoteFault']]],
    ['Result faults', [['exchange/work.ts', 'ResultFault']]],
    ['Segment faults', [['media/probe.ts', 'ProbeFault']]],
    ['Rendition faults', [['media/probe.ts', 'RenditionFault']]],
    ['Profile faults', [['media/profile.ts', 'ProfileFault']]],
    [
      'Job faults',
      [
        ['media/faults.ts', 'PoolFaultCode'],
        ['media/faults.ts', 'TranscodeFault'],
      ],
    ],
  ] as const)('%s are those of their type', (section, types) => {
    const declared = types.flatMap(([path, name]) => codesOfType(path, name))
    expect(codesOf(section).sort()).toEqual([...new Set(declared)].sort())
  })

  test('no word that looks like a code is undocumented', () => {
    const known = new Set([...page.values()].flatMap((rows) => rows.map(({ code }) => code)))
    const unknown = sources.flatMap((source) =>
      [...literalsIn(source)]
        .filter((code) => !known.has(code) && !OTHER_WORDS.has(code))
        .map((code) => `${code} in ${relative(root, source.fileName)}`),
    )
    expect(unknown).toEqual([])
  })

  test('no code is documented that nobody uses', () => {
    const used = new Set(sources.flatMap((source) => [...literalsIn(source)]))
    const onWire = new Set([
      ...members(WireErrorCode),
      ...members(RefusalCode),
      ...members(JobFaultCode),
    ])
    const documented = [...page.values()].flat().map(({ code }) => code)
    expect(documented.filter((code) => !used.has(code) && !onWire.has(code))).toEqual([])
  })
})

/** The numbers that a contract gives the members of an enum. */
function numbersOf(protocol: string, name: string): ReadonlyMap<string, string> {
  const proto = readFileSync(join(root, `protocols/${protocol}/1.0.0/${protocol}.proto`), 'utf8')
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(proto)?.[1] ?? ''
  return new Map(
    [...body.matchAll(/(\w+) = (\d+);/g)].map(([, code = '', number = '']) => [code, number]),
  )
}
