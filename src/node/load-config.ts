import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import type { z } from 'zod'
import { MillraceError, messageOf } from '../lib/errors.ts'
import {
  type AnyNodeConfig,
  configSchema,
  isTranscoder,
  type NodeConfig,
  type TranscoderNodeConfig,
  transcoderNodeSchema,
} from './config.ts'
import { keysAt } from './config-keys.ts'

/** What the command line sets over the file. */
export interface ConfigOverrides {
  readonly roles?: readonly string[] | undefined
  readonly dataDirectory?: string | undefined
  readonly logLevel?: string | undefined
  /** Parts of the config that the command itself says. */
  readonly sections?: Readonly<Record<string, object>> | undefined
}

/**
 * Reads the config file of a node that takes part in the market: one with a wallet and a chain.
 *
 * @throws `CONFIG_INVALID` as {@link loadAnyConfig}, and for a transcoder
 */
export async function loadConfig(
  file: string,
  overrides: ConfigOverrides = {},
): Promise<NodeConfig> {
  return marketConfig(await loadAnyConfig(file, overrides))
}

/**
 * Reads a YAML (or JSON) config file. Relative paths in it are relative to the file.
 *
 * @throws `CONFIG_INVALID` naming each key, its value and what is allowed
 */
export async function loadAnyConfig(
  file: string,
  overrides: ConfigOverrides = {},
): Promise<AnyNodeConfig> {
  const path = resolve(file)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `cannot read the config file ${path}`, {
      cause: error,
      hint: 'Write one with: millrace init --role orchestrator --config FILE',
    })
  }
  let raw: unknown
  try {
    raw = parse(text)
  } catch (error) {
    throw new MillraceError('CONFIG_INVALID', `${path} is not valid YAML: ${messageOf(error)}`)
  }
  const base = dirname(path)
  const fromFile = (value: string): string => resolve(base, value)
  const config = parseAnyConfig(raw, overrides)
  const dataDirectory =
    overrides.dataDirectory === undefined
      ? fromFile(config.dataDirectory)
      : resolve(overrides.dataDirectory)
  if (isTranscoder(config)) {
    return { ...config, dataDirectory, transcoder: withSecretFile(config.transcoder, fromFile) }
  }
  const { orchestrator } = config
  return {
    ...config,
    dataDirectory,
    wallet: { keyFile: fromFile(config.wallet.keyFile) },
    orchestrator:
      orchestrator === undefined
        ? undefined
        : { ...orchestrator, pool: withSecretFile(orchestrator.pool, fromFile) },
    publisher: {
      ...config.publisher,
      videos: config.publisher.videos.map((video) => ({ ...video, input: fromFile(video.input) })),
      hosts: config.publisher.hosts.map((host) =>
        'directory' in host ? { directory: fromFile(host.directory) } : host,
      ),
    },
    broadcaster: {
      ...config.broadcaster,
      streams: config.broadcaster.streams.map((stream) => ({
        ...stream,
        input: fromFile(stream.input),
      })),
    },
  }
}

function withSecretFile<T extends { readonly secretFile?: string | undefined }>(
  part: T,
  fromFile: (value: string) => string,
): T {
  return part.secretFile === undefined ? part : { ...part, secretFile: fromFile(part.secretFile) }
}

function marketConfig(config: AnyNodeConfig): NodeConfig {
  if (!isTranscoder(config)) return config
  throw invalid(['roles is ["transcoder"]; a transcoder has no wallet and no chain'])
}

/** Checks the config of a node that takes part in the market and fills in its defaults. */
export function parseConfig(raw: unknown, overrides: ConfigOverrides = {}): NodeConfig {
  return marketConfig(parseAnyConfig(raw, overrides))
}

/** Checks a config value and fills in its defaults. */
export function parseAnyConfig(raw: unknown, overrides: ConfigOverrides = {}): AnyNodeConfig {
  const file = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw : null
  if (file === null)
    throw invalid([`the file must hold keys and values, not ${JSON.stringify(raw) ?? 'nothing'}`])
  const merged = {
    ...file,
    ...sectionsOver(file, overrides.sections ?? {}),
    ...(overrides.roles === undefined ? {} : { roles: overrides.roles }),
    ...(overrides.logLevel === undefined ? {} : { logLevel: overrides.logLevel }),
  }
  const { roles } = merged as { readonly roles?: unknown }
  const isWorker = Array.isArray(roles) && roles.includes('transcoder')
  return isWorker ? parseTranscoder(merged) : check(configSchema, merged)
}

const CHAINLESS = 'a transcoder needs no chain, wallet or stake; take this section away'

function parseTranscoder(merged: object): TranscoderNodeConfig {
  const needless = ['chain', 'wallet'].filter((key) => key in merged)
  const { roles } = merged as { readonly roles: readonly unknown[] }
  if (needless.length === 0 || roles.length > 1) return check(transcoderNodeSchema, merged)
  throw invalid(needless.map((key) => `${key}: ${CHAINLESS}`))
}

/** Sections as the file has them, with what the command says over it. */
function sectionsOver(file: object, sections: Readonly<Record<string, object>>): object {
  const entries = Object.entries(sections).map(([name, section]) => {
    const present: unknown = Reflect.get(file, name)
    return [name, { ...(typeof present === 'object' ? present : {}), ...section }] as const
  })
  return Object.fromEntries(entries)
}

function check<S extends z.ZodType>(schema: S, merged: object): z.output<S> {
  const parsed = schema.safeParse(merged)
  if (parsed.success) return parsed.data
  // One wrong value can break several rules; the first says enough.
  const problems = new Map<string, string>()
  for (const issue of parsed.error.issues) {
    const key = `${issue.code === 'unrecognized_keys'} ${keyOf(issue)}`
    if (!problems.has(key)) problems.set(key, describe(schema, issue, merged))
  }
  throw invalid([...problems.values()])
}

function invalid(problems: readonly string[]): MillraceError {
  const list = problems.map((problem) => `  ${problem}`).join('\n')
  return new MillraceError('CONFIG_INVALID', `the config is not valid:\n${list}`)
}

/** Values that are nobody's business, not even when they are wrong. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  'http.token',
  'orchestrator.pool.secret',
  'transcoder.secret',
])

function keyOf(issue: z.core.$ZodIssue): string {
  return issue.path.map(String).join('.')
}

function describe(schema: z.ZodType, issue: z.core.$ZodIssue, root: unknown): string {
  const key = keyOf(issue)
  if (issue.code === 'unrecognized_keys') {
    const prefix = key === '' ? '' : `${key}.`
    const allowed = keysAt(schema, issue.path, root).join(', ')
    // Its value is not shown: a key in the wrong place may hold a secret.
    return `${issue.keys.map((name) => prefix + name).join(', ')}: no such key; allowed: ${allowed}`
  }
  const value = issue.path.reduce<unknown>(
    (node, part) =>
      typeof node === 'object' && node !== null
        ? (node as Record<PropertyKey, unknown>)[part]
        : undefined,
    root,
  )
  const shown = SECRET_KEYS.has(key) ? 'is not valid' : `is ${JSON.stringify(value)}`
  const reason = issue.message.replace(/^Invalid (input|option): /, '')
  return value === undefined ? `${key} is missing; ${reason}` : `${key} ${shown}; ${reason}`
}
