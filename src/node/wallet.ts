import { readFile } from 'node:fs/promises'
import { parseHex } from '../lib/bytes.ts'
import { secp256k1 } from '../lib/crypto/secp256k1.ts'
import { MillraceError } from '../lib/errors.ts'

/**
 * Reads the private key of the node's wallet: 32 bytes in hex.
 *
 * @throws `WALLET_UNREADABLE`; the key itself is never part of a message
 */
export async function loadWalletKey(file: string): Promise<Uint8Array> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new MillraceError('WALLET_UNREADABLE', `cannot read the wallet key ${file}`, {
      cause: error,
      hint: 'Make one with: millrace init, or set wallet.keyFile in the config',
    })
  }
  const key = parseHex(text.trim())
  if (key === null || !secp256k1.isPrivateKey(key)) {
    throw new MillraceError('WALLET_UNREADABLE', `${file} does not hold a private key`, {
      hint: 'It must be 64 hex digits',
    })
  }
  return key
}
