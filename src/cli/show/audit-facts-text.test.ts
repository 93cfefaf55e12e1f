import { expect, it } from 'vitest'
import { auditFactsText, resourcesIn } from './audit-facts-text.ts'

const WEB1 = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web1'

it('facts are words, not JSON', () => {
  const when = { endTimeUtc: '2026-01-31T13:00:00.1230000Z', reason: 'UserRequested' }
  const facts = { port: 22, sources: ['10.0.0.0/8', '192.0.2.1'], ...when }
  expect(auditFactsText(facts)).toBe('port=22 sources=10.0.0.0/8,192.0.2.1 endTimeUtc=2026-01-31T13:00:00Z')
})

it('a refusal is told by its codes and its machines by their names', () => {
  const refusals = [{ code: 'PortNotInPolicy', message: 'no' }, { code: 'DurationTooLong' }]
  expect(auditFactsText({ code: 'X', message: 'a long sentence', machines: [WEB1], refusals })).toBe(
    'code=X machines=web1 refusals=PortNotInPolicy,DurationTooLong',
  )
})

it('a policy is told by its machines and ports, before and after', () => {
  const after = [{ id: WEB1, ports: [{ number: 22, protocol: 'TCP' }, { number: 3389 }] }]
  expect(auditFactsText({ version: 1, before: null, after })).toBe('version=1 before=none after=web1:22+3389')
})

it('what somebody wrote in several words is held together, and nothing fills the screen', () => {
  expect(auditFactsText({ justification: 'disk is full' })).toBe('justification="disk is full"')
  expect(auditFactsText({ justification: 'x'.repeat(500) })).toHaveLength(161)
})

it('machines are called as in the rest of the table, wherever an event speaks of them', () => {
  const data = { machines: [WEB1], after: [{ id: WEB1, ports: [{ number: 22 }] }], why: '/tmp is full' }
  expect(resourcesIn({ target: WEB1, data })).toEqual([WEB1, WEB1, WEB1])
  expect(auditFactsText(data, () => 'front')).toBe('machines=front after=front:22 why="/tmp is full"')
})
