/** Addresses to ask for: each its own, so that each hole is its own element in the kernel. */
const FIRST = 0x0a80_0001 // 10.128.0.1
export const SOURCES = '10.128.0.0/9'
const COUNT = 2 ** 23 - 2

export function sourceAt(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n >= COUNT) throw new Error(`expected a source below ${COUNT}, got ${n}`)
  const bits = FIRST + n
  return [bits >>> 24, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join('.')
}
