/** An authenticator app: reads the secret that a page shows and tells the code of a moment. */
import { codeAt } from '../../src/issuer/one-time-code.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** As a person types it in from the page. */
export function authenticatorFrom(page: string): (now?: number) => string {
  const [, shown = ''] = /<p class="secret">([A-Z2-7 ]+)<\/p>/.exec(page) ?? []
  const bits = Array.from(shown.replaceAll(' ', ''), (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0'))
  const secret = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return (now = Date.now()) => codeAt(secret, Math.floor(now / 30_000))
}
