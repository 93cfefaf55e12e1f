import { expect, it } from 'vitest'
import type { HostFacts } from '../../contract/agent.ts'
import { aHost } from '../../../test/support/a-host.ts'
import { machinesOfHost, tellingOf } from './host-machines.ts'

const FACTS: HostFacts = {
  agentVersion: '0.1.0',
  hostname: 'web1',
  system: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.1.0',
  architecture: 'x64',
  addresses: ['10.0.0.4'],
  bootId: 'boot-1',
  startedAt: 0,
  unsupported: [],
}

function whyNot(facts: string): string | undefined {
  const host = aHost('web1', { generation: 1, facts })
  const [machine] = machinesOfHost(host, { location: 'local', unreachableSince: () => undefined })
  const { code, message } = machine?.unsupported ?? {}
  return code === undefined ? undefined : `${code}: ${message}`
}

it.each([
  ['0.1.0', 'can be protected'],
  ['0.1.7', 'can be protected'],
  ['0.2.0-rc.1', 'can be protected'],
  ['1.0.0', 'can be protected'],
  [
    '0.0.9',
    "AgentVersionNotSupported: agent 0.0.9 of host web1 is older than 0.1.0, the oldest that is understood here: install the agent of the server's own version",
  ],
  ['a version of another form', 'can be protected'],
])('a host whose agent is %s', (agentVersion, answer) => {
  expect(whyNot(JSON.stringify({ ...FACTS, agentVersion })) ?? 'can be protected').toBe(answer)
})

it('one that is too old is told of also where the host is shown', () => {
  const host = aHost('web1', { generation: 1, facts: JSON.stringify({ ...FACTS, agentVersion: '0.0.9' }) })
  expect(tellingOf(host, undefined).unsupported?.code).toBe('AgentVersionNotSupported')
})

it('of an agent that tells what nobody here understands, nothing is believed', () => {
  expect(whyNot('{"kernel": 7}')).toMatch(/^AgentVersionNotSupported: what the agent of host web1 tells/)
})

it('what the agent itself lacks comes first', () => {
  const unsupported = [{ code: 'MissingPrivilege', message: 'this process lacks CAP_NET_ADMIN' }]
  expect(whyNot(JSON.stringify({ ...FACTS, agentVersion: '0.0.1', unsupported }))).toBe(
    'MissingPrivilege: this process lacks CAP_NET_ADMIN',
  )
})
