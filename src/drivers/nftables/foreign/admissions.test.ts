import { describe, expect, it } from 'vitest'
import { formatIpPrefix, parseIpPrefix } from '../../../domain/net.ts'
import { admissions, admissionsBehind } from './admissions.ts'
import { managedKey } from '../element.ts'

const SSH = managedKey(6, 22)

interface ChainSpec {
  readonly name: string
  readonly hook?: 'input' | 'forward'
  readonly policy?: 'accept' | 'drop'
  readonly rules?: readonly (readonly unknown[])[]
  readonly table?: string
}

function aListing(...chains: readonly ChainSpec[]): unknown {
  return {
    nftables: chains.flatMap(({ name, hook, policy = 'drop', rules = [], table = 'filter' }) => [
      { chain: { family: 'inet', table, name, ...(hook && { type: 'filter', hook, prio: 0, policy }) } },
      ...rules.map((expr, handle) => ({ rule: { family: 'inet', table, chain: name, handle, expr } })),
    ]),
  }
}

const input = (rules: readonly (readonly unknown[])[], policy: 'accept' | 'drop' = 'drop'): ChainSpec => ({
  name: 'input',
  hook: 'input',
  policy,
  rules,
})
const match = (left: unknown, right: unknown, op = '=='): unknown => ({ match: { op, left, right } })
const from = (addr: string, len: number): unknown =>
  match({ payload: { protocol: 'ip', field: 'saddr' } }, { prefix: { addr, len } })
const port = (right: unknown): unknown => match({ payload: { protocol: 'tcp', field: 'dport' } }, right)
const established = match({ ct: { key: 'state' } }, ['established', 'related'], 'in')
const eth0 = match({ meta: { key: 'iifname' } }, 'eth0')
const jump = (target: string): unknown => ({ jump: { target } })
const [accept, drop, back] = [{ accept: null }, { drop: null }, { return: null }]

function letIn(listing: unknown): string[] {
  return admissions(listing, SSH, 4).map(({ source, letIn: how }) => `${formatIpPrefix(source)} ${how}`)
}

describe('whom the rules of others let in', () => {
  it.each([
    ['everybody where there is no input chain', aListing(), ['0.0.0.0/0 yes']],
    ['everybody where the policy accepts', aListing(input([], 'accept')), ['0.0.0.0/0 yes']],
    ['nobody where the policy drops', aListing(input([[established, accept]])), []],
    ['whoever a rule names', aListing(input([[from('10.0.0.0', 8), port(22), accept]])), ['10.0.0.0/8 yes']],
    ['nobody by a rule for another port', aListing(input([[port(80), accept]])), []],
    ['everybody by a rule for the port alone', aListing(input([[port({ set: [22, 80] }), accept]])), ['0.0.0.0/0 yes']],
    ['nobody after a rule that drops the port', aListing(input([[port(22), drop], [accept]])), []],
    [
      'those of before the drop',
      aListing(input([[from('10.0.0.0', 8), accept], [drop], [port(22), accept]])),
      ['10.0.0.0/8 yes'],
    ],
    ['perhaps everybody by what cannot be read', aListing(input([[eth0, port(22), accept]])), ['0.0.0.0/0 maybe']],
    [
      'everybody for all that a drop that cannot be read says',
      aListing(
        input([
          [eth0, port(22), drop],
          [port(22), accept],
        ]),
      ),
      ['0.0.0.0/0 yes'],
    ],
    [
      'whoever both of two chains let in',
      aListing(input([[from('10.0.0.0', 8), accept]]), { ...input([[from('10.1.0.0', 16), accept]]), table: 'other' }),
      ['10.1.0.0/16 yes'],
    ],
    ['nobody whom one of two chains drops', aListing(input([[accept]]), { ...input([]), table: 'other' }), []],
    [
      'whom a chain lets in that is jumped to',
      aListing(input([[from('10.0.0.0', 8), jump('ssh')]]), { name: 'ssh', rules: [[port(22), accept]] }),
      ['10.0.0.0/8 yes'],
    ],
    [
      'nobody where the chain that is jumped to drops first',
      aListing(input([[jump('ssh')], [accept]]), { name: 'ssh', rules: [[port(22), drop], [accept]] }),
      [],
    ],
    [
      'everybody after a chain that returns',
      aListing(input([[jump('ssh')], [port(22), accept]]), { name: 'ssh', rules: [[back], [drop]] }),
      ['0.0.0.0/0 yes'],
    ],
    [
      'nobody after a goto that ends in the policy',
      aListing(input([[{ goto: { target: 'ssh' } }], [accept]]), { name: 'ssh', rules: [] }),
      [],
    ],
    [
      'only those who are sent to a chain that drops the others',
      aListing(input([[from('10.0.0.0', 8), jump('ssh')]]), { name: 'ssh', rules: [[port(22), drop], [accept]] }),
      [],
    ],
    [
      'perhaps everybody by a verdict map',
      aListing(input([[{ vmap: { key: { meta: { key: 'iifname' } } } }]])),
      ['0.0.0.0/0 maybe'],
    ],
    [
      'perhaps everybody by an unknown target of iptables',
      aListing(input([[{ xt: { type: 'target', name: 'TARPIT' } }]])),
      ['0.0.0.0/0 maybe'],
    ],
    [
      'nobody after the REJECT of iptables',
      aListing(input([[port(22), { xt: { type: 'target', name: 'REJECT' } }], [accept]])),
      [],
    ],
  ])('is %s', (_title, listing, expected) => {
    expect(letIn(listing)).toEqual(expected)
  })

  it('is told with the rule that a person finds', () => {
    const [admission] = admissions(
      aListing(
        input(
          [
            [drop, accept],
            [port(22), accept],
          ].slice(1),
        ),
      ),
      SSH,
      4,
    )
    expect(admission?.through).toEqual([{ rule: 'handle 0', of: 'table inet filter, chain input' }])
  })
})

describe('whom the rules of others let through to a machine behind', () => {
  const forward = (rules: readonly (readonly unknown[])[], policy: 'accept' | 'drop' = 'drop'): ChainSpec => ({
    name: 'forward',
    hook: 'forward',
    policy,
    rules,
  })
  const to = (right: unknown): unknown => match({ payload: { protocol: 'ip', field: 'daddr' } }, right)
  const net = { prefix: { addr: '10.0.1.0', len: 24 } }

  function letThrough(listing: unknown): string[] {
    const destination = parseIpPrefix('10.0.1.5')
    if (!destination.ok) throw new Error('an address')
    return admissionsBehind(listing, SSH, destination.value).map(
      ({ source, letIn: how }) => `${formatIpPrefix(source)} ${how}`,
    )
  }

  it.each([
    ['everybody where nothing filters what is sent on', aListing(input([])), ['0.0.0.0/0 yes']],
    ['nobody where the policy drops', aListing(forward([[established, accept]])), []],
    [
      'whoever a rule for its address names',
      aListing(forward([[from('10.0.0.0', 8), to('10.0.1.5'), accept]])),
      ['10.0.0.0/8 yes'],
    ],
    [
      'everybody by a rule for its network and port',
      aListing(forward([[to(net), port(22), accept]])),
      ['0.0.0.0/0 yes'],
    ],
    ['nobody by a rule for another machine', aListing(forward([[to('10.0.1.6'), accept]])), []],
    [
      'everybody although another machine is closed',
      aListing(forward([[to('10.0.1.6'), drop], [accept]])),
      ['0.0.0.0/0 yes'],
    ],
    ['nobody after a rule that closes it', aListing(forward([[to('10.0.1.5'), drop], [accept]])), []],
    ['perhaps everybody by what cannot be read', aListing(forward([[eth0, to(net), accept]])), ['0.0.0.0/0 maybe']],
  ])('%s', (_title, listing, expected) => {
    expect(letThrough(listing)).toEqual(expected)
  })
})
