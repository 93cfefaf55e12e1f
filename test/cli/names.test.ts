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
