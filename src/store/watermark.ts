import { type FileHandle, open } from 'node:fs/promises'
import { bytesEqual, concatBytes, readUint, u64 } from '../lib/bytes.ts'
import { crc32c } from '../lib/crypto/crc32c.ts'
import { createSerial } from '../lib/serial.ts'

/**
 * A count kept in a file beside the database. LevelDB may lose its newest records without a word;
 * what is left of them is then fewer than the watermark says.
 *
 * Invariant: raised after the records are on disk, so it never counts more than there were.
 */
export interface Watermark {
  /** The highest count written; 0 when there is none, or when the file is damaged. */
  value(): number
  /** Raises it; a lower count is ignored. */
  raise(count: number): Promise<void>
  close(): Promise<void>
}

const BODY_BYTES = 8

/** Opens the file, or makes it. */
export async function openWatermark(path: string): Promise<Watermark> {
  const file = await open(path, 'a+').then(async (made) => {
    await made.close()
    return open(path, 'r+')
  })
  const inTurn = createSerial()
  let highest = await readCount(file)
  return {
    value: () => highest,
    async raise(count) {
      await inTurn(async () => {
        if (count <= highest) return
        const body = u64(BigInt(count))
        await file.write(concatBytes(body, crc32c(body)), 0, undefined, 0)
        highest = count
      })
    },
    close: async () => inTurn(async () => file.close()),
  }
}

async function readCount(file: FileHandle): Promise<number> {
  const bytes = new Uint8Array(BODY_BYTES + 4)
  const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, 0)
  const body = bytes.subarray(0, BODY_BYTES)
  const isWhole = bytesRead === bytes.byteLength
  if (!isWhole || !bytesEqual(crc32c(body), bytes.subarray(BODY_BYTES))) return 0
  return Number(readUint(body))
}
