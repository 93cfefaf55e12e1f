import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { carryOut, checkpointIfDue } from '../../src/app/audit/keep-trail.ts'
import { CHECKPOINT_FILE, checkpointFile } from '../../src/main/trail/checkpoint-file.ts'
import { openTrailSigner } from '../../src/main/trail/trail-key.ts'
import { CSV_COLUMNS } from '../../src/server/wire/audit-csv.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { type, type Typed } from '../cli/type.ts'
import { policyBody, policyPath, rule, VERSION } from '../conformance/bodies.ts'
import { machineId, startServer, type RunningServer } from '../conformance/running-server.ts'
import { anEvent, NOON, SUBSCRIPTION } from '../store/builders.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-audit-cli-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('with a server', () => {
  let server: RunningServer
  beforeEach(async () => {
    server = await startServer()
    const body = policyBody({ [machineId('web1')]: [rule()] })
    await server.call('PUT', `${policyPath()}${VERSION}`, { body })
  })
  afterEach(() => server.stop())

  const sp = (line: string): Promise<Typed> => type(server.url, line.split(' '))

  it('audit list narrows to a person, a machine by its name, an outcome and a time', async () => {
    await sp('request create web1 --port 22 --for 1h')
    await sp('request create web1 --port 22 --for 9h')
    const actions = async (options: string): Promise<string[]> =>
      (await sp(`audit list -o json ${options}`)).json.map(({ action }: { action: string }) => action)
    expect(await actions('--machine web1 --outcome refused')).toEqual(['access.refused'])
    expect(await actions('--by sallyport')).toEqual(['access.opened'])
    expect(await actions('--until 2026-01-01T00:00:00Z')).toEqual([])
    expect((await sp('audit list --until soon')).stderr).toContain("'soon' is neither a time nor a length of time")
    expect((await sp('audit list --machine nowhere')).exit).toBe(3)
  })

  it('audit export asks for nothing that it could not write: an answer that nobody reads keeps the program waiting', async () => {
    const { exit, stderr } = await sp(`audit export --file ${join(folder, 'nowhere', 'x.csv')} --verbose`)
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/cannot be written \(it does not exist\)/)])
    expect(stderr).not.toContain('/audit/export')
  })

  it('audit export writes to standard output, or to a file that only its owner reads', async () => {
    const { stdout } = await sp('audit export --action policy.saved')
    expect(stdout.split('\r\n')).toHaveLength(3)
    expect(stdout).toContain(CSV_COLUMNS.join(','))
    const file = join(folder, 'audit.jsonl')
    expect((await sp(`audit export --format jsonl --file ${file}`)).exit).toBe(0)
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(2)
    expect((await type(server.url, ['audit', 'export'], { env: { SALLYPORT_TOKEN: 'wrong' } })).exit).toBe(7)
    const nowhere = await sp('audit export --file /dev/null/audit.csv')
    expect([nowhere.exit, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining('/dev/null/audit.csv cannot be written ('),
    ])
  })

  it('audit verify says what the server found', async () => {
    const { exit, stdout, stderr } = await sp('audit verify')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/yes +1 +1/)
    expect(stderr).toContain('The last 1 events are not signed yet')
  })
})

describe('without a server', () => {
  const program = join(import.meta.dirname, '../../src/main/sallyport.ts')
  const run = promisify(execFile)
  const verify = (...options: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, [program, 'audit', 'verify', '--data', folder, ...options])

  beforeEach(async () => {
    const store = await openSqliteStore(folder)
    const path = join(folder, CHECKPOINT_FILE)
    await store.transaction((tx) => tx.append([anEvent(), anEvent(), anEvent()]))
    const keeping = {
      store,
      clock: { now: () => NOON },
      log: { error: () => undefined, warn: () => undefined, info: () => undefined },
      installation: { subscriptionId: SUBSCRIPTION, resourceGroup: 'default', location: 'local' },
      signer: await openTrailSigner(folder),
      places: [checkpointFile(path)],
      everyEvents: 1,
      every: 1,
    }
    await checkpointIfDue(keeping)
    await carryOut(keeping, new AbortController().signal)
    await store.close()
  })

  it('audit verify proves a data folder, also with a key and checkpoints that were kept elsewhere', async () => {
    expect((await verify('-o', 'json')).stdout).toContain('"intact": true')
    const elsewhere = [
      '--public-key',
      join(folder, 'audit-key.pub.pem'),
      '--checkpoints',
      join(folder, CHECKPOINT_FILE),
    ]
    expect((await verify(...elsewhere)).stdout).toContain('yes')
  })

  it('audit verify says which file it misses, and takes no fault of its own for it', async () => {
    for (const missing of ['--checkpoints', '--public-key']) {
      const gone = join(folder, 'gone')
      const failed = { code: 2, stderr: expect.stringContaining(`${folder} cannot be checked: `) }
      await expect(verify(missing, gone)).rejects.toMatchObject(failed)
    }
  })

  it('audit verify fails, and says where, when the database was changed', async () => {
    const db = new DatabaseSync(join(folder, 'sallyport.db'))
    db.exec(`drop trigger audit_no_update; update audit set actor = 'nobody' where seq = 2`)
    db.close()
    await expect(verify()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('audit event 2 is not what was written'),
    })
  })

  it('audit verify says so when there is nothing to check', async () => {
    rmSync(join(folder, 'sallyport.db'))
    await expect(verify()).rejects.toMatchObject({ stderr: expect.stringContaining('sallyport.db is not there') })
  })
})
