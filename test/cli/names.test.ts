import { expect, test } from 'vitest'
import { startPeopledServer } from '../conformance/people.ts'
import { machineId, startServer } from '../conformance/running-server.ts'
import { type } from './type.ts'

/** What was asked about machines, without the server's address. */
const askedOf = (stderr: string): string[] =>
  [...stderr.matchAll(/GET \S+(\/api\/v1\/machines\S*):/g)].flatMap(([, path]) => path ?? [])

test('of a machine that is named only what may be meant is asked for, however many machines there are', async () => {
  const server = await startServer()
  try {
    await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22/tcp'])
    const lines = ['machine show web1', 'request create web1 -p 22', 'request list -m web1', 'request close -m web1']
    for (const line of [...lines, 'policy set default -m web1 -p 22/tcp', 'audit list -m web1']) {
      const { exit, stderr } = await type(server.url, [...line.split(' '), '--verbose'])
      expect([line, exit, askedOf(stderr)]).toEqual([line, 0, ['/api/v1/machines?named=web1']])
    }
    expect(askedOf((await type(server.url, ['policy', 'show', 'default', '--verbose'])).stderr)).toEqual([])
  } finally {
    await server.stop()
  }
})

test('files are applied, exported and edited, and names completed, without reading the list of all machines', async () => {
  const server = await startServer()
  const asked = async (line: string, stdin = ''): Promise<string[]> => {
    const { exit, stderr } = await type(server.url, [...line.split(' '), '--verbose'], { stdin })
    expect([line, exit]).toEqual([line, 0])
    return askedOf(stderr)
  }
  try {
    const file = 'policies: [{ name: default, machines: [{ machine: web1, ports: [{ port: 22, max: 3h }] }] }]'
    expect(await asked('apply --yes -f -', file)).toEqual(['/api/v1/machines?named=web1'])
    expect(await asked('export')).toEqual([
      `/api/v1/machines?named=${encodeURIComponent(machineId('web1'))}`.toLowerCase().replaceAll('%2f', '%2F'),
      '/api/v1/machines?named=web1',
    ])
    expect(await asked('machine list')).toEqual(['/api/v1/machines?top=1000'])
    const { stdout } = await type(server.url, ['__complete', '--', 'machine', 'show', 'web'])
    expect(stdout).toMatch(/^web1\tLinux$/m)
    const { body } = await server.call('GET', '/api/v1/machines?named=w&top=1')
    expect(body.value).toHaveLength(1)
  } finally {
    await server.stop()
  }
})

test('of a long list the first are shown, and how many there are', async () => {
  const server = await startServer()
  try {
    const some = await type(server.url, ['machine', 'list', '--top', '1', '-o', 'json'])
    expect([some.json.length, some.stderr]).toEqual([1, expect.stringMatching(/There are \d+; to see them: --top \d/)])
    const found = await type(server.url, ['machine', 'list', '--search', 'EB1', '-o', 'json'])
    expect([found.json.map(({ name }: { name: string }) => name), found.stderr]).toEqual([['web1'], ''])
    expect((await type(server.url, ['machine', 'list', '--search', 'nosuch'])).stderr).toContain("has 'nosuch'")
  } finally {
    await server.stop()
  }
})

test('a name that means nothing is answered with what may have been meant', async () => {
  const server = await startServer()
  try {
    expect((await type(server.url, ['machine', 'show', 'wbe1'])).stderr).toContain('did you mean')
  } finally {
    await server.stop()
  }
})

test('a machine that one may not read is never what is meant', async () => {
  const server = await startPeopledServer()
  try {
    await server.allow(['Microsoft.Compute/virtualMachines/read'], 'ada', machineId('web2'))
    const named = async (typed: string): Promise<string[]> => {
      const { body } = await server.as('ada', 'GET', `/api/v1/machines?named=${typed}`)
      return body.value.map(({ name }: { name: string }) => name)
    }
    expect([await named('web'), await named('web1')]).toEqual([['web2'], []])
  } finally {
    await server.stop()
  }
})

test('of two machines of one name every table says which, and what to type for it', async () => {
  const server = await startServer({ bare: [machineId('web1', 'prod')] })
  try {
    for (const line of ['machine list', 'posture']) {
      const { stdout } = await type(server.url, line.split(' '))
      expect([line, stdout]).toEqual([line, expect.stringMatching(/^web1 \(prod\) /m)])
    }
    expect((await type(server.url, ['machine', 'show', 'myService1/web1'])).stderr).toContain(
      '--machine myService1/web1 ',
    )
  } finally {
    await server.stop()
  }
})
