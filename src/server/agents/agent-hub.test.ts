import { expect, test } from 'vitest'
import type { AgentLook } from '../../app/ports/hosts.ts'
import { AgentHub, type AgentConnection } from './agent-hub.ts'
import type { HostReport, ToAgent } from '../../contract/agent.ts'
import type { Slot } from '../../domain/access/hole.ts'
import type { HostId } from '../../domain/hosts/host.ts'

const HOST = 'h1' as HostId // any text names a host here
const NOWHERE: AgentConnection = {
  fingerprint: 'ab',
  address: '192.0.2.1',
  endsAt: 0,
  send: () => {},
  close: () => {},
  heardAt: () => 0,
  isAlive: () => Promise.resolve(true),
}

const within = (): AbortSignal => AbortSignal.timeout(1_000)
const ONE_SLOT: AgentLook = { scope: new Set(['m|22|any' as Slot]), flows: false } // as slotOf makes them
const WHO_IS_CONNECTED: AgentLook = { scope: new Set(), flows: true }

/** With what it was told. */
function aConnection(): { readonly connection: AgentConnection; readonly told: ToAgent[] } {
  const told: ToAgent[] = []
  return { connection: { ...NOWHERE, send: (message) => told.push(message) }, told }
}

function idsIn(told: readonly ToAgent[]): string[] {
  return told.flatMap((message) => (message.type === 'look' ? (message.ids ?? []) : []))
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

test('an agent is asked about some slots alone, and who waits for an answer gets the one to that question', async () => {
  const hub = new AgentHub()
  const { connection, told } = aConnection()
  hub.begin(HOST, connection, aReport(1))
  const [slot, flows] = [hub.look(HOST, ONE_SLOT, within()), hub.look(HOST, WHO_IS_CONNECTED, within())]
  const [first = '', second = ''] = idsIn(told)
  expect(told).toEqual([
    { type: 'look', ids: [first], slots: ['m|22|any'], flows: false },
    { type: 'look', ids: [second], slots: [], flows: true },
  ])
  hub.reported(HOST, connection, aReport(2, { looks: [] }))
  hub.reported(HOST, connection, aReport(3, { looks: [first] }))
  hub.reported(HOST, connection, aReport(4, { looks: [second], flows: [] }))
  expect([(await slot).sequence, (await flows).sequence]).toEqual([3, 4])
})

test('whether the asker is connected is asked of the agent, and the answer is to that question', async () => {
  const hub = new AgentHub()
  const { connection, told } = aConnection()
  hub.begin(HOST, connection, aReport(1))
  const ports = [{ number: 22, protocol: 'TCP' as const }]
  const asked = hub.preflight(HOST, { ports, caller: { address: '192.0.2.7' } }, within())
  const unsaid = hub.preflight(HOST, { ports, caller: { address: '192.0.2.8' } }, within())
  const [first, second] = told.flatMap((message) => (message.type === 'preflight' ? [message] : []))
  expect(first).toMatchObject({ ports, caller: { address: '192.0.2.7' } })
  hub.toldPreflight(HOST, connection, { type: 'preflight', id: second?.id ?? '', failure: 'there is no ss here' })
  hub.toldPreflight(HOST, connection, { type: 'preflight', id: first?.id ?? '', refusals: [] })
  expect(await asked).toEqual([])
  await expect(unsaid).rejects.toThrow('there is no ss here')
})

test('an agent of before there were such questions answers all of them with whatever it reports next', async () => {
  const hub = new AgentHub()
  const { connection } = aConnection()
  hub.begin(HOST, connection, aReport(1))
  const looks = [hub.look(HOST, ONE_SLOT, within()), hub.look(HOST, WHO_IS_CONNECTED, within())]
  hub.reported(HOST, connection, aReport(2, { flows: [] }))
  expect((await Promise.all(looks)).map(({ sequence }) => sequence)).toEqual([2, 2])
})
