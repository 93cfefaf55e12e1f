/** Programs have no names on the wire, and several may ask from one machine: what they do is told apart all the same. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok } from '../../src/domain/refusal.ts'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { ALONE, type, type Typed } from './type.ts'

let server: RunningServer

beforeEach(async () => {
  server = await startServer({
    authenticate: (token) => Promise.resolve(ok({ name: '', principals: [token], isBreakGlass: token === TOKEN })),
  })
  await as(TOKEN, 'policy set default -m web1 -p 22')
  for (const id of ['build', 'deploy'])
    await as(TOKEN, `role assignment create --role Owner --assignee ${id} --type ServicePrincipal --scope /`)
})
afterEach(() => server.stop())

const outside = { ...ALONE, reaches: () => Promise.resolve(true), hand: () => Promise.resolve(0) }

function as(id: string, line: string): Promise<Typed> {
  return type(server.url, line.split(' '), { outside, env: { SALLYPORT_TOKEN: id } })
}

test('a request shows which program asked', async () => {
  const { json } = await as('build', 'request create web1 -o json')
  expect(json.requestorId).toBe('build')
  expect((await as('build', 'request list')).stdout).toMatch(/ build +web1 /)
  expect((await as('build', `request show ${json.id}`)).stdout).toMatch(/^By: +build, from 127\.0\.0\.1$/m)
})

test('what another program of the same machine has open is not taken for one’s own', async () => {
  await as('build', 'request create web1')
  const again = await as('build', 'ssh --keep web1')
  expect([again.exit, again.stderr]).toEqual([0, expect.stringContaining('open for you already')])
  const other = await as('deploy', 'ssh --keep web1')
  expect([other.exit, other.stderr]).toEqual([0, expect.not.stringContaining('already')])
  expect((await as('deploy', 'request list --live -o json')).json).toHaveLength(2)
})
