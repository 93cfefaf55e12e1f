/** What scripts rely on: each command prints what its documented shape says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CLI_OUTPUT, commandPaths } from '../../script/cli-output.ts'
import { theProgram } from '../../script/the-program.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { ImaginedCloud } from '../support/imagined-cloud.ts'
import { type } from './type.ts'

const GUID = '11111111-1111-4111-8111-111111111111'
const cloud = new ImaginedCloud()
let server: RunningServer
const sp = async (line: string, stdin?: string): Promise<string> => {
  const { stdout, stderr } = await type(server.url, line.split(' '), stdin === undefined ? {} : { stdin })
  if (stdout === '') throw new Error(`${line}: ${stderr}`)
  return stdout
}

beforeAll(async () => {
  server = await startServer({ clouds: { loadSide: async () => cloud.side } })
  await sp('policy set default -m web1 -p 22 -o json')
})
afterAll(() => server.stop())

test('every command says what it prints, and nothing is said of commands that are not there', () => {
  const paths = commandPaths(theProgram())
  expect(Object.keys(CLI_OUTPUT).filter((path) => !paths.includes(path))).toEqual([])
  expect(paths.filter((path) => !Object.hasOwn(CLI_OUTPUT, path))).toEqual([])
})

describe('as documented:', () => {
  test.each([
    'policy set default -m web1 -p 22/tcp',
    'policy plan default -m web2 -p 22',
    'policy list',
    'policy show default',
    'posture',
    'finding list',
    'flow list',
    'request create web1 -p 22 --for 5m --dry-run',
    'request create web1 -p 22 --for 5m',
    'request list',
    'request extend --machine web1 --for 10m',
    'request close --machine web1',
    'machine list',
    'machine show web1',
    'export',
    'audit list',
    'audit verify',
    'doctor',
    'whoami',
    'context list',
    'role definition list',
    'role assignment list',
    'role definition create Watcher --action */read',
  ])('%s', async (line) => {
    const path = commandPaths(theProgram()).find((one) => line === one || line.startsWith(`${one} `)) ?? ''
    expect(problemsOf(CLI_OUTPUT[path], await sp(`${line} -o json`))).toBeUndefined()
  })

  test.each(['connect list', 'connect show prod', 'connect check prod', 'connect refresh prod'])('%s', async (line) => {
    const credential = { kind: 'managedIdentity' }
    const settings = { kind: 'azure', tenant: GUID, subscriptions: [GUID], credential }
    await server.call('PUT', '/api/v1/connections/prod', { body: { settings } })
    const path = line.split(' ').slice(0, 2).join(' ')
    expect(problemsOf(CLI_OUTPUT[path], await sp(`${line} -o json`))).toBeUndefined()
  })

  test('apply', async () => {
    const file = await sp('export')
    expect(
      problemsOf(CLI_OUTPUT['apply'], await sp('apply -f - --check -o json', file.replace('TCP', 'any'))),
    ).toBeUndefined()
  })
})

function problemsOf(shape: z.ZodType | null | undefined, text: string): string | undefined {
  const parsed = shape?.safeParse(JSON.parse(text))
  return parsed?.success === true ? undefined : (parsed?.error.message ?? 'no shape')
}
