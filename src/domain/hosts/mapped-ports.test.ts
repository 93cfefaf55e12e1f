import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseMappedPort, createReaches } from './mapped-ports.ts'
import { readReaches, reachKey, writeReaches, type Reach, type ReachKey } from '../access/reach.ts'
import type { ResourceKey } from '../resource-id.ts'

const key = (machine: number, port = 22): ReachKey => reachKey(`/machines/${machine}` as ResourceKey, port) // any text
const range = { from: 40_000, to: 40_015 }
const ADDRESSES = ['198.51.100.1', '198.51.100.2']

it('a port comes from the range and is free, and there is one as long as one is free', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.uniqueArray(fc.integer({ min: 40_000, max: 40_015 })), (machine, taken) => {
      const port = chooseMappedPort({ key: key(machine), range, isTaken: (one) => taken.includes(one) })
      const free = Array.from({ length: 16 }, (_, index) => range.from + index).filter((one) => !taken.includes(one))
      expect(free.length === 0 ? [undefined] : free).toContain(port)
    }),
  )
})

const listener = fc.integer({ min: 40_000, max: 40_007 })

/** What may happen to the machines of a gateway; numbers name machines, ports and listeners. */
const event = fc.oneof(
  fc.record({
    kind: fc.constant('open' as const),
    machines: fc.uniqueArray(fc.nat(5)),
    port: fc.constantFrom(22, 3389),
  }),
  fc.record({ kind: fc.constant('close' as const), machine: fc.nat(5), port: fc.constantFrom(22, 3389) }),
  fc.record({ kind: fc.constant('listen' as const), port: listener }),
  fc.record({ kind: fc.constant('stop' as const), port: listener }),
)

it('through openings, closings, restarts and listeners that come and go, nobody is told another port, and no two the same', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let record = writeReaches(new Map())
      const open = new Set<ReachKey>()
      const listeners = new Set<number>()
      for (const one of events) {
        if (one.kind === 'listen') listeners.add(one.port)
        if (one.kind === 'stop') listeners.delete(one.port)
        if (one.kind === 'close') open.delete(key(one.machine, one.port))
        // Each step begins with what is on record, as a process does that was started anew.
        const known = new Map([...readReaches(record)].filter(([found]) => open.has(found)))
        const reaches = createReaches({ known, range, isTaken: (port) => listeners.has(port) })
        const wanted = one.kind === 'open' ? one.machines.map((machine) => key(machine, one.port)) : []
        for (const opened of wanted) openOne(reaches, { key: opened, open, listeners })
        for (const [found, before] of known) expect(reaches.all.get(found)).toEqual(before)
        expectDistinct(reaches.all)
        record = writeReaches(reaches.all)
      }
    }),
    { numRuns: 300 },
  )
})

interface Opening {
  readonly key: ReachKey
  readonly open: Set<ReachKey>
  readonly listeners: ReadonlySet<number>
}

function openOne(reaches: ReturnType<typeof createReaches>, { key: wanted, open, listeners }: Opening): void {
  const isNew = !reaches.all.has(wanted)
  const reach = reaches.reachFor(wanted, ADDRESSES)
  expect(reach).toBeDefined() // at most twelve are open, and at least sixteen places are free of listeners
  expect(isNew && listeners.has(reach?.mappedPort ?? 0)).toBe(false)
  open.add(wanted)
}

function expectDistinct(all: ReadonlyMap<ReachKey, Reach>): void {
  const places = [...all.values()].map(({ publicIpAddress, mappedPort }) => `${publicIpAddress}:${mappedPort}`)
  expect(new Set(places).size).toBe(places.length)
}

it('a machine is told another place when the gateway lost the address that it had', () => {
  const known = new Map([[key(1), { publicIpAddress: '203.0.113.9', mappedPort: 40_001 }]])
  const reaches = createReaches({ known, range, isTaken: () => false })
  expect(reaches.reachFor(key(1), ADDRESSES)?.publicIpAddress).toBe('198.51.100.1')
})

it('there is none when every port of every address is used', () => {
  const reaches = createReaches({ known: new Map(), range, isTaken: () => true })
  expect(reaches.reachFor(key(1), ADDRESSES)).toBeUndefined()
})
