/** Time-based one-time codes: RFC 6238 over RFC 4226, SHA-1, six digits, thirty seconds, as every authenticator app does. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { SECOND, type Instant } from '../domain/time.ts'

const STEP = 30 * SECOND
/** One step of clock skew each way (RFC 6238 §5.2). */
const SKEW = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function codeAt(secret: Buffer, step: number, digits = 6): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0')
}

/** The step that a code is for; undefined when it is wrong, too old or, at or before `spent`, used already. */
export function stepOfCode(
  secret: Buffer,
  code: string,
  { now, spent }: { now: Instant; spent: number },
): number | undefined {
  const given = Buffer.from(code.replaceAll(/\s/g, ''))
  const current = Math.floor(now / STEP)
  const steps = Array.from({ length: 2 * SKEW + 1 }, (_, index) => current - SKEW + index)
  return steps.find((step) => {
    const expected = Buffer.from(codeAt(secret, step))
    return step > spent && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

export function newCodeSecret(): Buffer {
  return randomBytes(20)
}

/** RFC 4648 without padding, as authenticator apps want it typed. */
export function base32(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function keyUri(secret: Buffer, { name, place }: { name: string; place: string }): string {
  const label = `${encodeURIComponent(place)}:${encodeURIComponent(name)}`
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(place)}`
}
