import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalText, FIRST_HASH, type AuditEvent } from './audit.ts'
import { NOON } from '../../../test/support/builders.ts'

const EVENT: AuditEvent = {
  at: NOON,
  action: 'access.requested',
  actor: 'ada@example.org',
  address: '203.0.113.7',
  target: '/subscriptions/x',
  request: 'r1',
  grant: 'g1',
  data: '{"port":22}',
}

it('the text of an event that is already written never changes', () => {
  expect(canonicalText(1, EVENT)).toBe(
    '[1,1769860800000,"access.requested","ada@example.org","203.0.113.7","/subscriptions/x","r1","g1","{\\"port\\":22}"]',
  )
})

it('the text of an event without request and grant says so', () => {
  const { request: _, grant: __, ...bare } = EVENT
  expect(canonicalText(2, bare)).toContain('"/subscriptions/x",null,null,')
  expect(canonicalText(2, { ...bare, request: '' })).not.toBe(canonicalText(2, bare))
})

it('two events have the same text only when everything about them is the same', () => {
  const text = fc.string({ unit: fc.constantFrom('"', ',', '\\', 'a', '[', ']', 'null', '\n'), maxLength: 3 })
  const event = fc.record(
    { at: fc.nat({ max: 2 }), actor: text, address: text, target: text, request: text, grant: text, data: text },
    { requiredKeys: ['at', 'actor', 'address', 'target', 'data'] },
  )
  const numbered = fc.tuple(fc.nat({ max: 2 }), event)
  fc.assert(
    fc.property(numbered, numbered, ([seq, a], [otherSeq, b]) => {
      const same =
        canonicalText(seq, { action: 'policy.saved', ...a }) ===
        canonicalText(otherSeq, { action: 'policy.saved', ...b })
      const fields = (one: typeof a): unknown[] => [
        one.at,
        one.actor,
        one.address,
        one.target,
        one.request,
        one.grant,
        one.data,
      ]
      const equal = seq === otherSeq && fields(a).every((value, index) => value === fields(b)[index])
      expect(same).toBe(equal)
    }),
    { numRuns: 2_000 },
  )
})

it('the first event chains to 64 zeros', () => {
  expect(FIRST_HASH).toMatch(/^0{64}$/)
})
