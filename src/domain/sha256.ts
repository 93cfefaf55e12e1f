/**
 * SHA-256 (FIPS 180-4) over text, as hex. The domain may not use Node's, and rule names must not be steerable into a
 * collision by whoever names machines and policies, so a cheap hash would not do. Never used for secrets.
 */
export function sha256(text: string): string {
  const hash = known.get(text) ?? hashOf(text)
  if (text.length > LONGEST_KNOWN) return hash
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(text, hash)
  return hash
}

/** Plans ask for the same names again and again: a security group of fifty machines for some two hundred at each pass. */
const known = new Map<string, string>()
const MOST_KNOWN = 20_000
const LONGEST_KNOWN = 1_000

function hashOf(text: string): string {
  const words = padded(utf8(text))
  const state = Int32Array.from(INITIAL)
  for (let block = 0; block < words.length; block += 16) compress(state, words, block)
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

const FIRST_PRIMES = primes(64)
const INITIAL = FIRST_PRIMES.slice(0, 8).map((prime) => fractionBits(Math.sqrt(prime)))
const ROUND = FIRST_PRIMES.map((prime) => fractionBits(Math.cbrt(prime)))

function primes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  return found
}

/** The first 32 bits of the fraction; a double has 52, and these roots are below 8. */
function fractionBits(value: number): number {
  return Math.floor((value % 1) * 2 ** 32) | 0
}

function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    // A lone surrogate is written as any encoder does: U+FFFD.
    else if (code >= 0xd800 && code < 0xe000) bytes.push(0xef, 0xbf, 0xbd)
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return bytes
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f)
}

function padded(bytes: readonly number[]): Int32Array {
  const words = new Int32Array((((bytes.length + 8) >> 6) + 1) * 16)
  for (let index = 0; index <= bytes.length; index += 1) {
    const word = words[index >> 2] ?? 0
    words[index >> 2] = word | ((bytes[index] ?? 0x80) << (24 - 8 * (index & 3)))
  }
  words[words.length - 1] = bytes.length * 8
  return words
}

function compress(state: Int32Array, words: Int32Array, block: number): void {
  const schedule = expand(words.subarray(block, block + 16))
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let round = 0; round < 64; round += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUND[round] ?? 0) + (schedule[round] ?? 0)) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index] ?? 0) + word
}

function expand(words: Int32Array): Int32Array {
  const schedule = new Int32Array(64)
  schedule.set(words)
  for (let index = 16; index < 64; index += 1) {
    const early = schedule[index - 15] ?? 0
    const late = schedule[index - 2] ?? 0
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[index] = (schedule[index - 16] ?? 0) + s0 + (schedule[index - 7] ?? 0) + s1
  }
  return schedule
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}
