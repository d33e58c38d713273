import { MillraceError } from '../lib/errors.ts'

/** Prints the state of a running node as JSON. */
export async function status(options: { readonly url: string }): Promise<void> {
  process.stdout.write(`${JSON.stringify(await askStatus(options.url), null, 2)}\n`)
}

/**
 * The state of a running node.
 *
 * @throws `NODE_UNREACHABLE`
 */
export async function askStatus(url: string): Promise<object> {
  try {
    const response = await fetch(new URL('/v1/status', url))
    return (await response.json()) as object
  } catch (error) {
    throw new MillraceError('NODE_UNREACHABLE', `no node answers at ${url}`, {
      cause: error,
      hint: 'Start it with: millrace start, or name its HTTP address with --url',
    })
  }
}
