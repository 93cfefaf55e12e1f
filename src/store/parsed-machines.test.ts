import { describe, expect, it } from 'vitest'
import { policyMachines } from '../../test/support/builders.ts'
import { machinesFromText } from './parsed-machines.ts'

const textOf = (port: number): string => JSON.stringify(policyMachines({ port }))

describe('the machines of a stored policy', () => {
  it('are those that were written, each time they are read', () => {
    expect(machinesFromText(textOf(22))).toEqual(policyMachines({ port: 22 }))
    expect(machinesFromText(textOf(3389))).toEqual(policyMachines({ port: 3389 }))
    expect(machinesFromText(textOf(22))).toEqual(policyMachines({ port: 22 }))
  })

  it('are the same list while they are read often, and read anew once many others were', () => {
    const first = machinesFromText(textOf(22))
    expect(machinesFromText(textOf(22))).toBe(first)
    for (let port = 1000; port < 2000; port++) machinesFromText(textOf(port))
    expect(machinesFromText(textOf(22))).not.toBe(first)
    expect(machinesFromText(textOf(22))).toEqual(first)
  })

  it('are read anew once very long policies were, that are too long together', () => {
    const longOf = (first: number): string =>
      JSON.stringify(policyMachines({ ports: Array.from({ length: 800 }, (_, port) => ({ port: first + port })) }))
    const long = longOf(1)
    const machines = machinesFromText(long)
    expect(machinesFromText(long)).toBe(machines)
    for (let first = 2; first < 2 + 20_000_000 / long.length; first++) machinesFromText(longOf(first))
    expect(machinesFromText(long)).not.toBe(machines)
  })
})
