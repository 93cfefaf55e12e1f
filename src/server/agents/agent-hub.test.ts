import { expect, test } from 'vitest'
import { AgentHub, type AgentConnection } from './agent-hub.ts'
import type { HostReport } from '../../contract/agent.ts'
import type { HostId } from '../../domain/hosts/host.ts'

const HOST = 'h1' as HostId // any text names a host here
const NOWHERE: AgentConnection = {
  fingerprint: 'ab',
  address: '192.0.2.1',
  endsAt: 0,
  send: () => {},
  close: () => {},
  isAlive: () => Promise.resolve(true),
}

function aReport(sequence: number, more: Partial<HostReport> = {}): HostReport {
  const state = { version: `v${sequence}`, shields: [], held: [], lingering: [], impossible: [], left: [] }
  return { sequence, bootId: 'boot-1', state, ...more }
}

test('what an agent told of its surroundings holds until it tells anew, however often it reports meanwhile', () => {
  const hub = new AgentHub()
  const around = { exposures: [{ machine: 'm', exposures: [] }], findings: [], clock: { wallOffset: 3, roundTrip: 1 } }
  hub.begin(HOST, NOWHERE, aReport(1, around))
  hub.reported(HOST, NOWHERE, aReport(2))
  expect(hub.reportOf(HOST)).toEqual(aReport(2, around))
  hub.reported(HOST, NOWHERE, aReport(3, { exposures: [] }))
  expect(hub.reportOf(HOST)).toEqual(aReport(3, { ...around, exposures: [] }))
})

test('what was told once, as drift and who was cut off, is not told again with the next report', () => {
  const hub = new AgentHub()
  hub.begin(HOST, NOWHERE, aReport(1, { drift: [{ at: 1, steps: ['a rule was gone'], repaired: true }], cut: [] }))
  hub.reported(HOST, NOWHERE, aReport(2))
  expect(hub.reportOf(HOST)).toEqual(aReport(2))
})
