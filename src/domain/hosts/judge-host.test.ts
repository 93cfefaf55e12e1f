import { describe, expect, it } from 'vitest'
import { hostMachineId, parseMachineBehind, parseValidity } from './judge-host.ts'
import { parseResourceId } from '../resource-id.ts'
import type { Result } from '../refusal.ts'

const PLACE = { subscriptionId: '11111111-2222-3333-4444-555555555555', resourceGroup: 'default' }

const codes = (result: Result<unknown>): string[] => (result.ok ? [] : result.refusals.map(({ code }) => code))

describe('the name of a host', () => {
  it.each(['a', 'web1', 'Web-1.example.org', 'a'.repeat(53)])('may be %s', (name) => {
    const id = hostMachineId(PLACE, name)
    expect(id.ok && id.value.endsWith(`/providers/Microsoft.HybridCompute/machines/${name}`)).toBe(true)
  })

  it.each(['', '-web1', 'web1.', 'web 1', 'web/1', '../x', 'naïve', 'a'.repeat(54)])('is never %j', (name) => {
    expect(codes(hostMachineId(PLACE, name))).toEqual(['InvalidHostName'])
  })
})

describe('a command that enrols a host', () => {
  it('is good for a minute to a day', () => {
    expect(parseValidity('PT1M')).toEqual({ ok: true, value: 60_000 })
    expect(parseValidity('P1D')).toEqual({ ok: true, value: 86_400_000 })
    for (const text of ['PT59S', 'PT24H1S']) expect(codes(parseValidity(text))).toEqual(['InvalidDuration'])
    expect(parseValidity('soon')).toMatchObject({ ok: false, refusals: [{ target: 'validFor' }] })
  })
})

describe('a machine behind a gateway', () => {
  const machine = parseResourceId(
    '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/default/providers/Microsoft.HybridCompute/machines/db1',
  )
  if (!machine.ok) throw new Error('the id of the machine is wrong')
  const behind = (addresses: readonly string[]) => parseMachineBehind({ id: machine.value, addresses, os: 'Linux' })

  it('has addresses, each of them one, told once and in one form', () => {
    expect(behind(['10.0.0.4', '10.0.0.4/32', '2001:DB8:0::1'])).toMatchObject({
      ok: true,
      value: { addresses: ['10.0.0.4', '2001:db8::1'] },
    })
    expect(codes(behind([]))).toEqual(['InvalidGateway'])
    expect(codes(behind(['10.0.0.0/24', '2001:db8::/64', '10.0.0.4']))).toEqual(['InvalidGateway', 'InvalidGateway'])
    expect(behind(['db1.example.org'])).toMatchObject({ ok: false, refusals: [{ target: 'addresses' }] })
  })
})
