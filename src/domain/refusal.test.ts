import { expect, it } from 'vitest'
import { ok, quoted, refusal, refused } from './refusal.ts'

it('a refusal names its place only when there is one', () => {
  expect(refusal('NoPorts', 'name at least one port')).toEqual({ code: 'NoPorts', message: 'name at least one port' })
  expect(refusal('NoPorts', 'name at least one port', 'ports')).toHaveProperty('target', 'ports')
  expect(Object.keys(refusal('NoPorts', ''))).not.toContain('target')
})

it('a result is a value, or every reason why there is none', () => {
  expect(ok(7)).toEqual({ ok: true, value: 7 })
  const [first, second] = [refusal('A', 'a'), refusal('B', 'b')]
  expect(refused(first, second)).toEqual({ ok: false, refusals: [first, second] })
})

it('what came is quoted whole when it is short, and cut with its length told when it is not', () => {
  expect(quoted('PT8')).toBe("'PT8'")
  expect(quoted('x'.repeat(200))).toBe(`'${'x'.repeat(200)}'`)
  expect(quoted('x'.repeat(1_000_000))).toBe(`'${'x'.repeat(200)}…' (1000000 characters)`)
})

it('a quote is never cut through the middle of a character', () => {
  expect(quoted(`${'x'.repeat(199)}🦊`)).toBe(`'${'x'.repeat(199)}…' (201 characters)`)
})
