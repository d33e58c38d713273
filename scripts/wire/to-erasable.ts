import ts from 'typescript'

/**
 * Rewrites a module that protons generated into TypeScript whose types can simply be erased.
 *
 * protons emits enums and namespaces, which `erasableSyntaxOnly` forbids, and `any`. Here an enum
 * becomes a constant object with a union type of the same name, and a message's namespace becomes a
 * constant with `codec`, `encode` and `decode`. The encoding and decoding functions are taken over
 * as protons wrote them. Its streaming decoders are left out.
 *
 * Nested types and map fields are refused: a wire contract keeps its messages flat.
 */
export function toErasable(source: string, label: string): string {
  const file = ts.createSourceFile('wire.ts', source, ts.ScriptTarget.ES2023, true)
  const parts: string[] = []
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) continue
    if (ts.isInterfaceDeclaration(statement)) parts.push(statement.getText(file))
    else if (ts.isEnumDeclaration(statement)) parts.push(enumeration(statement))
    else if (ts.isModuleDeclaration(statement)) parts.push(namespace(statement, file))
    else throw new Error(`unexpected statement: ${statement.getText(file).slice(0, 60)}`)
  }
  // Rooms work with byte strings over any buffer, so the messages take and give them.
  const body = parts
    .filter((part) => part !== '')
    .join('\n\n')
    .replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array')
  return `${head(label)}\n${imports(body)}\n\n${helpers(body)}\n\n${body}\n`
}

function head(label: string): string {
  return `// Generated from ${label} by scripts/build-wire.ts. Do not edit.`
}

const RUNTIME = ['decodeMessage', 'encodeMessage', 'enumeration', 'MaxLengthError', 'message']
const RUNTIME_TYPES = ['Codec', 'DecodeOptions']

function imports(body: string): string {
  const used = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body)
  const values = RUNTIME.filter(used)
  const types = RUNTIME_TYPES.filter(used).map((name) => `type ${name}`)
  return `import { ${[...types, ...values].join(', ')} } from 'protons-runtime'`
}

function helpers(body: string): string {
  const lines = ['function* noStream(): Generator<never> {}']
  if (body.includes('within(')) {
    lines.push(
      '',
      'function within<L>(limits: L | undefined): { limits?: L } {',
      '  return limits === undefined ? {} : { limits }',
      '}',
    )
  }
  return lines.join('\n')
}

function enumeration(node: ts.EnumDeclaration): string {
  const name = node.name.text
  const members = node.members.map((member) => ({
    key: (member.name as ts.Identifier).text,
    value: member.initializer?.getText() ?? '',
  }))
  if (name.startsWith('__')) {
    // The runtime looks a value up by name and by number.
    const forward = members.map(({ key, value }) => `  ${key}: ${value},`)
    const reverse = members.map(({ key, value }) => `  ${value}: '${key}',`)
    return `const ${name} = {\n${[...forward, ...reverse].join('\n')}\n} as const`
  }
  const union = members.map(({ value }) => `  | ${value}`).join('\n')
  const fields = members.map(({ key, value }) => `  ${key}: ${value},`).join('\n')
  return (
    `export type ${name} =\n${union}\n\n` +
    `const ${name}Codec = (): Codec<${name}, ${name}> => enumeration<${name}>(__${name}Values)\n\n` +
    `export const ${name} = {\n${fields}\n  codec: ${name}Codec,\n} as const`
  )
}

function namespace(node: ts.ModuleDeclaration, file: ts.SourceFile): string {
  const name = node.name.text
  const block = node.body
  if (block === undefined || !ts.isModuleBlock(block)) throw new Error(`empty namespace ${name}`)
  for (const inner of block.statements) {
    if (ts.isModuleDeclaration(inner) || ts.isEnumDeclaration(inner)) {
      throw new Error(`${name}: nested types and map fields are not supported`)
    }
  }
  const call = findMessageCall(block)
  if (call === null) return ''
  const [encode, decode] = call.arguments
  if (encode === undefined || decode === undefined) throw new Error(`${name}: no codec found`)
  const encoder = dedent(rewrite(encode, name, file))
  const decoder = dedent(rewrite(decode, name, file))
  return [
    `const ${name}Codec: Codec<${name}, Partial<${name}>> = message<${name}, Partial<${name}>>(`,
    `  ${encoder},`,
    `  ${decoder},`,
    '  noStream,',
    ')',
    '',
    `export const ${name} = {`,
    `  codec: (): Codec<${name}, Partial<${name}>> => ${name}Codec,`,
    `  encode: (value: Partial<${name}>): Uint8Array<ArrayBuffer> =>`,
    `    encodeMessage(value, ${name}Codec),`,
    `  decode: (bytes: Uint8Array, options?: DecodeOptions<${name}>): ${name} =>`,
    `    decodeMessage(bytes, ${name}Codec, options),`,
    '}',
  ].join('\n')
}

function findMessageCall(node: ts.Node): ts.CallExpression | null {
  if (ts.isCallExpression(node) && node.expression.getText() === 'message') return node
  return ts.forEachChild(node, (child) => findMessageCall(child)) ?? null
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function rewrite(node: ts.Node, name: string, file: ts.SourceFile): string {
  const edits: Edit[] = []
  collect(node, name, edits)
  let text = node.getText(file)
  const offset = node.getStart(file)
  for (const edit of edits.sort((a, b) => b.start - a.start)) {
    text = text.slice(0, edit.start - offset) + edit.text + text.slice(edit.end - offset)
  }
  return text
}

function collect(node: ts.Node, name: string, edits: Edit[]): void {
  const replacement = replace(node, name)
  if (replacement !== null) {
    edits.push({ start: node.getStart(), end: node.getEnd(), text: replacement })
    return
  }
  ts.forEachChild(node, (child) => collect(child, name, edits))
}

function replace(node: ts.Node, name: string): string | null {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return name
  if (ts.isCallExpression(node) && node.expression.getText() === 'uint8ArrayAlloc') {
    return `new Uint8Array(${node.arguments[0]?.getText() ?? '0'})`
  }
  if (isClearing(node)) return `delete ${node.left.getText()}`
  const limits = limitsOf(node)
  return limits === null ? null : `within(${limits})`
}

/** `obj.field = undefined`, which an exact optional property forbids. */
function isClearing(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    node.right.getText() === 'undefined'
  )
}

/** The expression in `{ limits: expression }`, which may be undefined at run time. */
function limitsOf(node: ts.Node): string | null {
  if (!ts.isObjectLiteralExpression(node) || node.properties.length !== 1) return null
  const property = node.properties[0]
  if (property === undefined || !ts.isPropertyAssignment(property)) return null
  return property.name.getText() === 'limits' ? property.initializer.getText() : null
}

/** protons' functions stand six columns in; here they stand two in. */
function dedent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('    ') ? line.slice(4) : line))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
}
