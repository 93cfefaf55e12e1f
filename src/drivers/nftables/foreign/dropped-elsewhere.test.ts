import { describe, expect, it } from 'vitest'
import { droppedElsewhere } from './dropped-elsewhere.ts'
import { managedKey } from '../element.ts'

const SSH = managedKey(6, 22)
const accept = { accept: null }
const drop = { drop: null }
const match = (left: unknown, right: unknown, op = '=='): unknown => ({ match: { op, left, right } })
const port = (right: unknown): unknown => match({ payload: { protocol: 'tcp', field: 'dport' } }, right)
const from = (right: unknown): unknown => match({ payload: { protocol: 'ip', field: 'saddr' } }, right)
const marked = match({ '&': [{ meta: { key: 'mark' } }, 0x1000_0000] }, 0, '!=')
const established = match({ ct: { key: 'state' } }, ['established'], 'in')

function verdict(
  policy: string,
  ...rules: readonly (readonly unknown[])[]
): 'passes' | 'is dropped' | 'may be dropped' {
  const chain = { family: 'inet', table: 'fw' }
  const listing = {
    nftables: [
      { chain: { ...chain, name: 'in', type: 'filter', hook: 'input', policy } },
      { chain: { ...chain, name: 'sub' } },
      ...rules.map((expr, handle) => ({ rule: { ...chain, chain: 'in', handle, expr } })),
      { rule: { ...chain, chain: 'sub', handle: 99, expr: [port(22), drop] } },
    ],
  }
  const [found] = droppedElsewhere(listing, [SSH])
  return found === undefined ? 'passes' : found.onlySome ? 'may be dropped' : 'is dropped'
}

describe('what is granted here', () => {
  it.each<[string, string, string, (readonly unknown[])[]]>([
    ['passes', 'another table accepts by default', 'accept', []],
    ['is dropped', 'it drops by default', 'drop', [[established, accept]]],
    ['passes', 'it accepts the port', 'drop', [[port(22), accept]]],
    ['passes', 'it accepts our mark', 'drop', [[marked, accept]]],
    [
      'is dropped',
      'it accepts our mark too late',
      'accept',
      [
        [port(22), drop],
        [marked, accept],
      ],
    ],
    ['is dropped', 'it drops the port', 'accept', [[port(22), drop]]],
    ['passes', 'it drops another port', 'accept', [[port(23), drop]]],
    ['passes', 'it drops one source', 'accept', [[from('10.0.0.1'), port(22), drop]]],
    ['may be dropped', 'it accepts some sources only', 'drop', [[from('10.0.0.1'), port(22), accept]]],
    ['may be dropped', 'it does something that we cannot read', 'drop', [[{ xt: { type: 'target', name: 'X' } }]]],
    ['is dropped', 'it drops behind a jump', 'accept', [[{ jump: { target: 'sub' } }]]],
    ['passes', 'it returns before it drops', 'accept', [[port(22), { return: null }], [drop]]],
  ])('%s when %s', (expected, _when, policy, rules) => {
    expect(verdict(policy, ...rules)).toBe(expected)
  })

  it('comes with the one rule that mends it', () => {
    const listing = {
      nftables: [
        { chain: { family: 'ip', table: 'filter', name: 'INPUT', type: 'filter', hook: 'input', policy: 'drop' } },
      ],
    }
    expect(droppedElsewhere(listing, [SSH])).toEqual([
      {
        place: 'table ip filter, chain INPUT',
        port: '22/TCP',
        onlySome: false,
        remedy: `nft insert rule ip filter INPUT meta mark '&' 0x10000000 != 0 accept`,
      },
    ])
  })
})
