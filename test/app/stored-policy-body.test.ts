import { describe, expect, it } from 'vitest'
import { storedPolicyBody } from '../../src/app/policies/stored-policy-body.ts'
import { aMachineId, policyMachines } from '../support/builders.ts'

const id = aMachineId('web1')

describe('the body of a stored policy', () => {
  it('is parsed from what was written, and follows a change', () => {
    const before = storedPolicyBody({ id, name: 'default', machines: policyMachines({ max: 'PT1H' }) })
    const after = storedPolicyBody({ id, name: 'default', machines: policyMachines({ max: 'PT3H' }) })
    expect(before.machines[0]?.ports[0]?.maxDuration).not.toEqual(after.machines[0]?.ports[0]?.maxDuration)
  })

  it('of one list of machines is parsed once, but never for another name', () => {
    const machines = policyMachines()
    const first = storedPolicyBody({ id, name: 'default', machines })
    expect(storedPolicyBody({ id, name: 'default', machines })).toBe(first)
    expect(storedPolicyBody({ id, name: 'other', machines }).name).toBe('other')
  })

  it('that was changed by hand into one that nobody could have written is an error that names it', () => {
    expect(() => storedPolicyBody({ id, name: 'default', machines: [] })).toThrow(/does not parse: name at least one/)
  })
})
