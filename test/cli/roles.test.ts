import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startPeopledServer, type PeopledServer } from '../conformance/people.ts'
import { SUBSCRIPTION } from '../conformance/running-server.ts'
import { type, type Circumstances, type Typed } from './type.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const INITIATE = 'Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action'

let server: PeopledServer
const sp = (line: readonly string[], around?: Circumstances): Promise<Typed> => type(server.url, line, around)
const as = (who: string): Circumstances => ({ env: { SALLYPORT_TOKEN: `is.${who}` } })
const words = (line: string): string[] => line.split(' ')

beforeEach(async () => {
  server = await startPeopledServer()
})
afterEach(() => server.stop())

describe('role assignment', () => {
  const give = (...more: string[]) =>
    sp([...words('role assignment create --role'), 'JIT Requester', '--assignee', 'alice', '--scope', SUB, ...more])

  test('a role is given, listed with its name, and taken away by its id', async () => {
    const given = await give()
    expect([given.exit, given.stderr.split('\n')]).toEqual([
      0,
      [
        "warning: nobody here is called 'alice'; it is taken for an object id",
        `alice is now JIT Requester at ${SUB}.`,
        '',
      ],
    ])
    const listed = await sp(words('role assignment list'))
    expect(listed.stdout).toMatch(/^WHO +KIND +ROLE +SCOPE +ID\nalice +User +JIT Requester +\/subscriptions/)
    const { json } = await sp(words('role assignment list --assignee alice -o json'))
    expect((await sp([...words('role assignment delete'), json[0].name.slice(0, 12)])).exit).toBe(0)
    expect((await sp(words('role assignment list'))).stdout).toBe('')
  })

  test('it is taken away by who, which and where, exactly there', async () => {
    await give('--type', 'Group', '--description', 'on call')
    const take = (scope: string) =>
      sp([...words('role assignment delete --assignee alice --role'), 'jit requester', '--scope', scope])
    expect((await take(`${SUB}/resourceGroups/prod`)).exit).toBe(3)
    expect((await take(SUB)).exit).toBe(0)
    expect((await sp(words('role assignment delete --assignee alice'))).exit).toBe(2)
  })

  test('one that is there already, and a scope that is none, are refused', async () => {
    await give()
    expect(await give()).toMatchObject({ exit: 4, stderr: expect.stringContaining('already exists') })
    expect((await sp(words('role assignment list --scope here'))).exit).toBe(2)
  })

  test('a person without the right is told which one is missing, and gives nothing', async () => {
    const line = words(`role assignment create --role Reader --assignee bob --scope ${SUB}`)
    await server.assign('Reader', 'eve', '/')
    const refused = await sp(line, as('eve'))
    expect(refused).toMatchObject({ exit: 4, stderr: expect.stringContaining('roleAssignments/write') })
    expect((await sp(words('role assignment list --assignee bob -o json'))).json).toEqual([])
  })
})

test('who may read nothing is not told that there is nothing, nor that all is well', async () => {
  await sp(words('policy set default --machine web1 --port 22'))
  await sp(words('request create web1 --port 22 --from 198.51.100.7'))
  const lists = ['machine', 'policy', 'request', 'finding', 'flow', 'connect', 'host'].map((noun) => `${noun} list`)
  for (const line of [...lists, 'posture']) {
    const { exit, stdout, stderr } = await sp(words(line), as('eve'))
    expect([line, exit, stdout, stderr]).toEqual([line, 0, '', expect.stringContaining('that you may see')])
  }
})

describe('role definition', () => {
  test('a role is made, shown, changed and removed', async () => {
    const make = (...actions: string[]) =>
      sp([...words('role definition create Watcher --not-action Microsoft.Network/*'), ...actions])
    expect((await make('-a', '*/read')).stderr).toBe('Made role Watcher.\n')
    expect((await make('-a', '*/read', '-a', 'A.B/c/action')).stderr).toBe('Changed role Watcher.\n')
    const shown = await sp(words('role definition show watch'))
    expect(shown.stdout).toContain('but not  Microsoft.Network/*')
    expect((await sp(words('role definition list --custom -o json'))).json).toHaveLength(1)
    expect((await sp(words('role definition delete Watcher --yes'))).exit).toBe(0)
    expect((await sp(words('role definition show Watcher'))).exit).toBe(3)
  })

  test('the built-in roles are listed, and cannot be removed', async () => {
    expect((await sp(words('role definition list'))).stdout).toMatch(/JIT Auditor +built in/)
    const refused = await sp(words('role definition delete Owner --yes'))
    expect(refused.exit).toBe(2)
    expect(refused.stderr).toContain('a built-in role cannot be changed')
  })

  test('what is no action is refused before anything is sent', async () => {
    const refused = await sp([...words('role definition create Odd -a'), 'read everything'])
    expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining("'read everything' is not an action") })
    expect((await sp(words('role definition create Odd'))).exit).toBe(2)
  })
})

describe('role explain', () => {
  const explain = (scope: string) => sp(words(`role explain --principal alice --action ${INITIATE} --scope ${scope}`))

  test('says what allows, and what is missing, by exit code too', async () => {
    const missing = await explain(SUB)
    expect(missing).toMatchObject({ exit: 4, stderr: expect.stringContaining('no role assignment at all') })
    await server.assign('JIT Requester', 'alice', SUB)
    const allowed = await explain(`${SUB}/resourceGroups/prod`)
    expect(allowed.exit).toBe(0)
    expect(allowed.stdout).toMatch(/Allowed: +yes\nBecause: +JIT Requester of alice at/)
    expect((await explain('/')).exit).toBe(4)
  })
})

test('a person without any role can still see who it is, and is told what it may not see', async () => {
  const { stdout } = await sp(words('doctor -o json'), as('eve'))
  const checks: { name: string; status: string; text: string }[] = JSON.parse(stdout)
  expect(checks.find(({ name }) => name === 'server')).toMatchObject({ status: 'ok' })
  expect(checks.find(({ name }) => name === 'permission')).toMatchObject({ status: 'warning' })
})

test('everybody may ask what is missing to themselves', async () => {
  const line = words(`role explain --action ${INITIATE} --scope ${SUB} -o json`)
  await server.assign('JIT Requester', 'team', SUB)
  expect((await sp(line, as('alice.team'))).json).toMatchObject({ allowed: true, principals: ['alice', 'team'] })
  expect((await sp(line, as('bob'))).exit).toBe(4)
  expect((await sp(line)).exit).toBe(2)
})
