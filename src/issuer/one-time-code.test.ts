import { describe, expect, it } from 'vitest'
import { base32, codeAt, keyUri, stepOfCode } from './one-time-code.ts'

const SECRET = Buffer.from('12345678901234567890')
const AT = 1_234_567_890_000
const STEP = Math.floor(AT / 30_000)

describe('a one-time code', () => {
  // RFC 6238, appendix B, the SHA-1 rows.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %i s is the RFC’s %s', (seconds, code) => {
    expect(codeAt(SECRET, Math.floor(seconds / 30), 8)).toBe(code)
  })

  it('is accepted a step early or late, with the space people type, and no further', () => {
    const accepted = (step: number): boolean =>
      stepOfCode(SECRET, codeAt(SECRET, step).replace(/(...)/, '$1 '), { now: AT, spent: 0 }) === step
    expect([-2, -1, 0, 1, 2].map((skew) => accepted(STEP + skew))).toEqual([false, true, true, true, false])
  })

  it('works once', () => {
    expect(stepOfCode(SECRET, codeAt(SECRET, STEP), { now: AT, spent: STEP })).toBeUndefined()
    expect(stepOfCode(SECRET, codeAt(SECRET, STEP), { now: AT, spent: STEP - 1 })).toBe(STEP)
  })

  it('that is wrong, empty or too long is refused', () => {
    for (const code of ['', '000000', '0059241', 'abcdef'])
      expect(stepOfCode(SECRET, code, { now: AT, spent: 0 })).toBeUndefined()
  })

  it('is set up by a secret as apps read it', () => {
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI') // RFC 4648 §10
    expect(keyUri(SECRET, { name: 'ada@example.org', place: 'Sallyport' })).toBe(
      'otpauth://totp/Sallyport:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sallyport',
    )
  })
})
