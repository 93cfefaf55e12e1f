import { expect, it } from 'vitest'
import { NOON } from '../../../test/support/builders.ts'
import type { AuditEvent } from './audit.ts'
import { withoutSecrets } from './audit-facts.ts'

const EVENT: AuditEvent = { at: NOON, action: 'policy.saved', actor: 'ada', address: '', target: '/x', data: '{}' }

function written(data: object): unknown {
  return JSON.parse(withoutSecrets({ ...EVENT, data: JSON.stringify(data) }).data)
}

it('a field that nobody classified is secret, and is not written', () => {
  expect(written({ port: 22, password: 'hunter2' })).toEqual({ port: 22, withheld: 1 })
})

it('a secret does not slip through inside a field that is known', () => {
  const refusals = [{ code: 'X', token: 'sp_1' }]
  expect(written({ refusals, before: { machines: [{ id: 'a', key: { name: 'k' } }] } })).toEqual({
    refusals: [{ code: 'X' }],
    before: { machines: [{ id: 'a' }] },
    withheld: 2,
  })
})

it('what everybody inherits is no classification', () => {
  expect(written(JSON.parse('{"constructor":"s","__proto__":"s","toString":"s"}'))).toEqual({ withheld: 3 })
})

it('an event of known fields is written to the letter', () => {
  const event = { ...EVENT, data: '{ "port" :22}' }
  expect(withoutSecrets(event)).toBe(event)
})
