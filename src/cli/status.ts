import { MillraceError } from '../lib/errors.ts'

/** Prints the state of a running node as JSON. */
export async function status(options: { readonly url: string }): Promise<void> {
  let response: Response
  try {
    response = await fetch(new URL('/v1/status', options.url))
  } catch (error) {
    throw new MillraceError('NODE_UNREACHABLE', `no node answers at ${options.url}`, {
      cause: error,
      hint: 'Start it with: millrace start, or name its HTTP address with --url',
    })
  }
  process.stdout.write(`${JSON.stringify(await response.json(), null, 2)}\n`)
}
