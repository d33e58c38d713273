import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const SOURCES = ['src', 'test/helpers', 'scripts/lib']

/**
 * Turns what the children run into JavaScript, once: they start hundreds of times, and a loader
 * that does it at each start costs them most of their life. Gives back where a module went.
 */
export async function compileTree(outDirectory: string): Promise<(path: string) => string> {
  await mkdir(outDirectory, { recursive: true })
  await writeFile(join(outDirectory, 'package.json'), '{"type":"module"}')
  await symlink(join(PROJECT, 'node_modules'), join(outDirectory, 'node_modules'))
  for (const source of SOURCES) {
    const names = await readdir(join(PROJECT, source), { recursive: true })
    for (const name of names.filter((file) => file.endsWith('.ts'))) {
      await compileFile(join(source, name), outDirectory)
    }
  }
  return (path) => javaScriptOf(join(outDirectory, relative(PROJECT, path)))
}

function javaScriptOf(path: string): string {
  return path.replace(/\.ts$/, '.js')
}

async function compileFile(path: string, outDirectory: string): Promise<void> {
  const { outputText } = ts.transpileModule(await readFile(join(PROJECT, path), 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  })
  const out = javaScriptOf(join(outDirectory, path))
  await mkdir(dirname(out), { recursive: true })
  await writeFile(out, outputText)
}
