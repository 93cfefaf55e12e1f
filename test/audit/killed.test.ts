import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { deliverAll } from '../../src/app/audit/stream-audit.ts'
import { fileSink } from '../../src/sinks/file-sink.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-killed-${process.pid}-`))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Kills it as soon as it acknowledged so many events; the number of the last one that it did acknowledge. */
async function runAndKill(events: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stream-child.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (Number(said.trimEnd().split('\n').at(-1)) >= events) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return Number(said.trimEnd().split('\n').at(-1))
}

function seqsInFiles(): number[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('audit.jsonl'))
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
  return lines.flatMap((line) => {
    try {
      return [(JSON.parse(line) as { seq: number }).seq] // as the sink writes them
    } catch {
      return [] // a line that the kill left half written, or the end
    }
  })
}

it('no acknowledged event is missing from a sink after kill -9, again and again', async () => {
  let acknowledged = 0
  for (const until of [40, 300, 301, 700]) acknowledged = await runAndKill(until)
  const store = await openSqliteStore(folder)
  const log = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const sink = fileSink({ name: 'file', path: join(folder, 'audit.jsonl'), maxBytes: 30_000, keep: 1_000 })
  const timer = { sleep: async () => undefined }
  const deps = { store, clock: { now: () => Date.now() }, owner: 'local', log, timer }
  await deliverAll(deps, sink, new AbortController().signal)
  const { seq: head } = await store.reads.auditHead()
  await sink.close()
  await store.close()
  expect(head).toBeGreaterThanOrEqual(acknowledged)
  expect(acknowledged).toBeGreaterThanOrEqual(700)
  const had = new Set(seqsInFiles())
  expect(Array.from({ length: head }, (_, index) => index + 1).filter((seq) => !had.has(seq))).toEqual([])
}, 60_000)
