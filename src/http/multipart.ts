import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { totalLength, utf8 } from '../lib/bytes.ts'

/** A rendition of one segment, as it is answered to a push. */
export interface InlineRendition {
  readonly name: string
  readonly data: Uint8Array
}

/** A `multipart/mixed` body. */
export interface MultipartBody {
  readonly contentType: string
  readonly sizeBytes: number
  readonly stream: Readable
}

/** Renditions of a segment as the parts of one body, each named; the media is not copied. */
export function multipartOf(seq: number, renditions: readonly InlineRendition[]): MultipartBody {
  const boundary = `millrace-${randomBytes(16).toString('hex')}`
  const chunks: Uint8Array[] = []
  for (const { name, data } of renditions) {
    const safeName = name.replace(/[^A-Za-z0-9._-]/g, '_')
    const head = [
      `--${boundary}`,
      'Content-Type: video/mp2t',
      `Content-Length: ${data.byteLength}`,
      `Content-Disposition: attachment; filename="${safeName}_${seq}.ts"`,
      `Rendition-Name: ${safeName}`,
      '',
      '',
    ]
    chunks.push(utf8(head.join('\r\n')), data, utf8('\r\n'))
  }
  chunks.push(utf8(`--${boundary}--\r\n`))
  return {
    contentType: `multipart/mixed; boundary=${boundary}`,
    sizeBytes: totalLength(chunks),
    stream: Readable.from(chunks, { objectMode: false }),
  }
}
