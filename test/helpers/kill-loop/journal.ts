import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** One line of a payer's journal. Amounts are decimal wei, bytes are hex. */
export type JournalLine =
  /** A proof exists; it was not sent yet. */
  | { readonly k: 'signed'; readonly id: string; readonly order: string; readonly proof: string }
  /** About to be sent; `id` is of the proof in it, or empty. */
  | {
      readonly k: 'sent'
      readonly stream: string
      readonly order: string
      readonly index: string | null
      readonly id: string
    }
  /** What came back for an index of a stream, or for a payment alone. */
  | {
      readonly k: 'answer'
      readonly stream: string
      readonly index: string | null
      readonly type: 'result' | 'paid' | 'error'
      readonly code: string
      readonly debited: string
      readonly credit: string
    }
  /** A stream of an order was opened, and what its two sides then said. */
  | {
      readonly k: 'opened'
      readonly order: string
      readonly price: string
      readonly payerCredit: string
      readonly providerCredit: string
    }
  /** A proof was presented again, acknowledged before or not: what it brought, or why nothing. */
  | {
      readonly k: 'replayed'
      readonly id: string
      readonly wasAcknowledged: boolean
      readonly credited: string
      readonly code: string
    }
  /** A segment was given to the dispatcher, or came back from it. */
  | { readonly k: 'handed' | 'delivered'; readonly sequence: number }
  | { readonly k: 'refused'; readonly sequence: number; readonly code: string }

/** A file that only grows. What was added survives SIGKILL: the kernel has it. */
export interface Journal {
  add(line: JournalLine): void
  close(): void
}

/** Opens a journal to add to it; a line that a kill tore is ended first. */
export function openJournal(path: string): Journal {
  const fd = openSync(path, 'a')
  writeSync(fd, '\n')
  return {
    add: (line) => void writeSync(fd, `${JSON.stringify(line)}\n`),
    close: () => closeSync(fd),
  }
}

/** What a journal says, and how many lines were torn. */
export function readJournal(path: string): {
  readonly lines: readonly JournalLine[]
  readonly torn: number
} {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const lines: JournalLine[] = []
  let torn = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    try {
      lines.push(JSON.parse(line) as JournalLine)
    } catch {
      torn += 1
    }
  }
  return { lines, torn }
}
