import { expect, it } from 'vitest'
import { inFrontOf, unreadBeside, warningsBeside } from './beside.ts'

/** As `ip -j link show` of iproute2 6.1 has it, shortened. */
const LINKS = [
  { ifindex: 1, ifname: 'lo', flags: ['LOOPBACK'], link_type: 'loopback' },
  { ifindex: 3, ifname: 'eth0', xdp: { mode: 2, prog: { id: 97, tag: '614b434cd8324ecc', jited: 1 } } },
]

it('a program that sees packets before any firewall is found, and named', () => {
  expect(inFrontOf(LINKS)).toEqual(['eth0'])
  expect(inFrontOf('nonsense')).toEqual([])
  const beside = { legacyTables: [], inFront: inFrontOf(LINKS) }
  expect(unreadBeside(beside)).toMatchObject([{ code: 'FilterInFront', facts: { interfaces: 'eth0' } }])
  expect(warningsBeside(beside)).toEqual([
    expect.objectContaining({ code: 'FilterInFront', facts: { interfaces: 'eth0' } }),
  ])
})

it('where nothing stands beside, there is nothing to say', () => {
  const beside = { legacyTables: [], inFront: [] }
  expect([unreadBeside(beside), warningsBeside(beside)]).toEqual([[], []])
})
