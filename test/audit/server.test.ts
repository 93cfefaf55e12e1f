/** A whole server as its own process: it starts, signs, streams, stops, and what it leaves behind is proven. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { verifyFolder } from '../../src/main/trail/verify-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-audit-server-${process.pid}-`))
  writeFileSync(join(folder, 'fleet.json'), '[]')
  const sink = { name: 'file', type: 'file', path: join(folder, 'streamed.jsonl') }
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify({ auditSinks: [sink] })) // JSON is YAML
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Running {
  readonly child: ChildProcess
  readonly log: () => string
}

async function start(): Promise<Running> {
  const script = join(import.meta.dirname, '../../src/main/sallyport.ts')
  const places = ['--data', folder, '--fleet', join(folder, 'fleet.json'), '--config', join(folder, 'config.yaml')]
  const args = [script, 'server', ...places, '--listen', '127.0.0.1:0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (part: Buffer) => (log += part.toString()))

  while (!log.includes('serves on')) {
    if (child.exitCode !== null) throw new Error(log)
    await Promise.race([once(child.stderr, 'data'), once(child, 'exit')])
  }
  return { child, log: () => log }
}

async function stop({ child }: Running): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'close')
}

const streamed = (): string[] =>
  readFileSync(join(folder, 'streamed.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { action: string }).action)

it('a server that stops has told that it did, signed it, and brought it to its sinks', async () => {
  await stop(await start())
  await stop(await start())
  expect(streamed()).toEqual(['server.started', 'server.stopped', 'server.started', 'server.stopped'])
  expect(await verifyFolder({ data: folder })).toMatchObject({ intact: true, events: 4, vouched: 4 })
}, 60_000)

it('a database that was put back to an earlier time is noticed at the next start', async () => {
  await stop(await start())
  const db = new DatabaseSync(join(folder, 'sallyport.db'))
  db.exec(`drop trigger audit_no_delete; delete from audit where seq = 2;
    update audit_head set seq = 1, hash = (select hash from audit where seq = 1)`)
  db.close()
  const running = await start()
  await stop(running)
  expect(running.log()).toContain('the audit trail is not the one that was signed')
  expect(await verifyFolder({ data: folder })).toMatchObject({ intact: false, seq: 2 })
}, 60_000)
