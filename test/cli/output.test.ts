/** What is said and what is printed: queries, silence, calls told and calls printed instead of sent. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startServer, TOKEN, type RunningServer } from '../conformance/running-server.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type, type Circumstances, type Typed } from './type.ts'

let server: RunningServer
const sp = (line: string, around?: Circumstances): Promise<Typed> => type(server.url, line.split(' '), around)

beforeEach(async () => {
  server = await startServer()
  await sp('policy set default -m web1 -p 22')
})
afterEach(() => server.stop())

describe('a query', () => {
  test('leaves a script just what it asked for', async () => {
    expect((await sp('policy list --query [].name -o tsv')).stdout).toBe('default\n')
  })

  test('that is no JMESPath is refused before anything is sent', async () => {
    const typed = await sp('request create web1 -p 22 --query [')
    expect([typed.exit, typed.stderr]).toEqual([2, expect.stringContaining("--query '[' does not work here")])
    expect((await sp('request list -o json')).json).toEqual([])
  })

  test('takes the place of the facts above a table', async () => {
    expect((await sp('machine show web1 --query ports[].number')).stdout).toBe('RESULT\n22\n')
  })
})

test('the format of a person’s environment is the usual one, and an unknown one is told', async () => {
  expect((await sp('policy list', { env: { SALLYPORT_OUTPUT: 'json' } })).json).toHaveLength(1)
  expect((await sp('policy list -o tsv', { env: { SALLYPORT_OUTPUT: 'json' } })).stdout).toMatch(/^default\t/)
  expect((await sp('policy list', { env: { SALLYPORT_OUTPUT: 'xml' } })).exit).toBe(2)
})

test('an empty cell is empty for a script, and a dash for a person', async () => {
  const row = (text: string): string => text.split('\n').find((line) => line.startsWith('web2')) ?? ''
  expect(row((await sp('machine list -o tsv')).stdout)).toMatch(/^web2\t\w+\t[\d.]+\tno\t\t\t\//)
  expect(row((await sp('machine list')).stdout)).toMatch(/ no +- +- +\//)
})

test('what is shown of one thing ends where it ends', async () => {
  for (const line of [
    'whoami',
    'machine show web1',
    'machine show web2',
    'policy show default',
    'role definition show reader',
  ])
    expect([line, (await sp(line)).stdout]).toEqual([line, expect.stringMatching(/[^\n]\n$/)])
  expect((await sp('machine show web1')).stdout).toMatch(/\n\nPORT /)
})

test('--output none says with its exit code alone what came of it', async () => {
  expect(await sp('machine show web1 -o none')).toMatchObject({ exit: 0, stdout: '' })
  expect(await sp('machine show nobody -o none')).toMatchObject({ exit: 3, stdout: '' })
})

test('--quiet leaves the data and the errors', async () => {
  const created = await sp('request create web1 -p 22 --quiet -o json')
  expect([created.json.grants[0].state, created.stderr]).toEqual(['open', ''])
  expect((await sp('machine show nobody -q')).stderr).toContain('error: there is no machine')
})

test('--verbose tells each call and never the token', async () => {
  const { stderr } = await sp('machine list --verbose')
  expect(stderr).toMatch(/^GET http:\S+\/api\/v1\/machines\?top=1000: 200, \d+ ms$/m)
  expect(stderr).not.toContain(TOKEN)
})

describe('--curl', () => {
  test('prints the call that would open access, without the token, and opens nothing', async () => {
    const { exit, stdout, stderr } = await sp('request create web1 -p 22 --for 1h --curl')
    expect([exit, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /curl -sS -X POST '\S+\/initiate\?api-version=2020-01-01' \\\n {2}-H "Authorization: Bearer \$SALLYPORT_TOKEN"/,
    )
    expect(stdout).toContain(`"duration":"PT1H"`)
    expect(stdout).not.toContain(TOKEN)
    expect((await sp('request list -o json')).json).toEqual([])
  })

  test('is nothing that the server is asked for', async () => {
    expect((await sp('posture --curl --utc')).stdout).toContain("/api/v1/posture?top=1000'")
  })

  test('asks no question before what it does not do', async () => {
    const { exit, stdout } = await sp('policy remove default --curl', { terminal: true })
    expect([exit, stdout]).toEqual([0, expect.stringContaining('-X DELETE')])
    expect((await sp('policy list -o json')).json).toHaveLength(1)
  })

  test('what it prints works in a shell', async () => {
    const { stdout } = await sp('request create web1 -p 22 --justification it’s --curl')
    const [call = ''] = stdout.split(/^(?=curl -sS -X POST)/m).slice(-1)
    const answer = await new Promise<string>((resolve, reject) =>
      execFile('sh', ['-c', call], { env: { ...process.env, SALLYPORT_TOKEN: TOKEN } }, (error, out) =>
        error === null ? resolve(out) : reject(error),
      ),
    )
    expect(JSON.parse(answer)).toMatchObject({ justification: 'it’s' })
  })

  test('names the authority’s file where the server needs one', async () => {
    const folder = mkdtempSync(join(tmpdir(), `sallyport-curl-${process.pid}-`))
    try {
      writeFileSync(join(folder, 'ca.pem'), makeCertificate().cert)
      const { stdout } = await sp(`machine list --curl --ca-file ${join(folder, 'ca.pem')}`)
      expect(stdout).toContain('--cacert "$SALLYPORT_CA_FILE"')
      expect((await sp('machine list --curl')).stdout).not.toContain('--cacert')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('downloads nothing', async () => {
    const { stdout } = await sp('audit export --curl')
    expect(stdout).toContain('/api/v1/audit/export?format=csv')
    expect(stdout.trim().split('\n').at(-1)).toContain('accept: */*')
  })
})
