import { readdir, realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'

/** One import that the layers forbid. */
export interface LayerViolation {
  readonly rule: string
  readonly from: string
  readonly to: string
  readonly comment: string
}

/** What a run over a tree found. */
export interface LayerReport {
  /** Modules of src that were cruised. */
  readonly moduleCount: number
  /** Files of src on disk that the run did not see: with any, it proves nothing. */
  readonly unseen: readonly string[]
  readonly violations: readonly LayerViolation[]
}

const here = fileURLToPath(new URL('..', import.meta.url))

/**
 * Holds the tree under `root` against the floors and vendors of `.dependency-cruiser.cjs`.
 *
 * Invariant: a run that cruised nothing, or less than src holds, is never a clean one.
 */
export async function checkLayers(root: string = here): Promise<LayerReport> {
  const baseDir = await realpath(root)
  const config = createRequire(import.meta.url)(join(here, '.dependency-cruiser.cjs'))
  const { forbidden, options } = config
  const result = await cruise(
    ['src'],
    { ...options, baseDir, ruleSet: { forbidden }, validate: true },
    { ...options.enhancedResolveOptions },
    { tsConfig: extractTSConfig(join(here, 'tsconfig.json')) },
  )
  const output = result.output as ICruiseResult
  const cruised = new Set(output.modules.map((module) => module.source))
  const files = await sourceFiles(baseDir)
  return {
    moduleCount: files.filter((file) => cruised.has(file)).length,
    unseen: files.filter((file) => !cruised.has(file)),
    violations: output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      comment: forbidden.find(({ name }: { name: string }) => name === rule.name)?.comment ?? '',
    })),
  }
}

/** Why a report must fail the build; empty when it must not. */
export function layerFaults(report: LayerReport): readonly string[] {
  if (report.moduleCount === 0) return ['0 modules of src were cruised: the run proves nothing']
  return [
    ...report.unseen.map((file) => `${file} was not cruised`),
    ...report.violations.map(
      ({ rule, from, to, comment }) => `${rule}: ${from} -> ${to} (${comment})`,
    ),
  ]
}

async function sourceFiles(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = await checkLayers(process.argv[2])
  const faults = layerFaults(report)
  for (const fault of faults) console.error(fault)
  console.log(`${report.moduleCount} modules cruised, ${faults.length} faults`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
