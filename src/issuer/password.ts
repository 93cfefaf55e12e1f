/**
 * Passwords as slow hashes (scrypt, RFC 7914). Must never log or keep a password. Hashing takes memory and a thread, so
 * only a few run at once: a crowd of guesses waits in line instead of starving the server.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'

/** OWASP's third choice, 2^15 × 8 × 3: 32 MiB and about a quarter of a second. */
const COST = { logN: 15, r: 8, p: 3 }
const KEY_BYTES = 32
const AT_ONCE = 2

interface Cost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** `scrypt$15$8$3$salt$key`: an old hash says how it was made, so that the cost can grow. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.logN, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/**
 * Costs the same whether there is such a user or not: without a hash, the password is compared with one that nobody has.
 */
export async function passwordMatches(password: string, hash: string | undefined): Promise<boolean> {
  const [scheme, logN, r, p, salt = '', key = ''] = (hash ?? '').split('$')
  const known = scheme === 'scrypt' && key !== ''
  const cost = known ? { logN: Number(logN), r: Number(r), p: Number(p) } : COST
  const derived = await derive(password, Buffer.from(salt, 'base64url'), cost)
  const expected = Buffer.from(key, 'base64url')
  return known && expected.length === derived.length && timingSafeEqual(expected, derived)
}

/** Long, and not the name: everything else that rules demand makes passwords worse (NIST SP 800-63B, 5.1.1.2). */
export function checkPassword(password: string, name: string): Result<string> {
  const text = password.normalize('NFKC')
  const short = Array.from(text).length < 12
  if (short || text.length > 256)
    return refused(refusal('WeakPassword', 'a password has 12 to 256 characters; choose a longer one', 'password'))
  if (text.toLowerCase().includes(name.toLowerCase().split('@')[0] ?? name))
    return refused(refusal('WeakPassword', 'a password must not contain the name; choose another one', 'password'))
  return ok(text)
}

/** 20 letters and digits that are not mistaken for each other: about 100 random bits. */
export function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const text = Array.from(randomBytes(40), (byte) => (byte < 248 ? letters[byte % letters.length] : '')).join('')
  return text.slice(0, 20).replaceAll(/(.{5})(?=.)/g, '$1-')
}

/** About half a minute's work; who comes later is told so instead of waiting longer. */
const LONGEST_LINE = 300

export class TooManyAtOnce extends Error {}

let free = AT_ONCE
const waiting: (() => void)[] = []

async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (waiting.length >= LONGEST_LINE) throw new TooManyAtOnce('too many sign-ins at once')
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await deriveNow(password.normalize('NFKC'), salt, cost)
  } finally {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next() // its turn is handed over, so nobody slips in between
  }
}

function deriveNow(password: string, salt: Buffer, { logN, r, p }: Cost): Promise<Buffer> {
  const options = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
