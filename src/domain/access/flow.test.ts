import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isByHole, slotsAround, type Flow } from './flow.ts'
import { slotsOf } from './hole.ts'
import { resourceKey } from '../resource-id.ts'
import { aMachineId, anOpening } from '../../../test/support/builders.ts'

const FROM = ['unknown', '10.1.2.3', '10.1.2.4', '192.0.2.1', '2001:db8::1', '2001:db8::2']
const SOURCES = ['*', '0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.2.2/31', '10.1.2.3', '2001:db8::/32', '2001:db8::1']

const flow: fc.Arbitrary<Flow> = fc
  .record({ from: fc.constantFrom(...FROM), port: fc.constantFrom(22, 23) })
  .map(({ from, port }) => {
    const machine = resourceKey(aMachineId('web1'))
    return { machine, protocol: 'TCP', from, fromPort: 40_000, to: '10.9.9.9', port }
  })
const opening = fc
  .record({
    machine: fc.constantFrom(aMachineId('WEB1'), aMachineId('web2')),
    port: fc.constantFrom(22, 23),
    protocol: fc.constantFrom('TCP' as const, 'UDP' as const, '*' as const),
    from: fc.array(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 3 }),
  })
  .map(anOpening)

describe('a flow', () => {
  it('comes by no hole that lies outside the slots around it', () => {
    fc.assert(
      fc.property(flow, opening, (one, by) => {
        const around = new Set(slotsAround(one))
        expect(isByHole(one, by) && slotsOf(by).every((slot) => !around.has(slot))).toBe(false)
      }),
    )
  })
})
