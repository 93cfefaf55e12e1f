/**
 * A process that appends audit events and brings them to a file, until it is killed. Says the seq of every event that was
 * acknowledged, one a line. Usage: node stream-child.ts FOLDER
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { streamAudit } from '../../src/app/audit/stream-audit.ts'
import { fileSink } from '../../src/sinks/file-sink.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { anEvent } from '../store/builders.ts'

const folder = process.argv[2] ?? ''
const store = await openSqliteStore(folder)
const log = { error: () => undefined, warn: () => undefined, info: () => undefined }
const timer = { sleep: () => pause(1) }
const sink = fileSink({ name: 'file', path: join(folder, 'audit.jsonl'), maxBytes: 30_000, keep: 1_000 })
streamAudit({ store, clock: { now: () => Date.now() }, owner: 'local', log, timer }, sink)
for (;;) {
  await store.transaction((tx) => tx.append([anEvent(), anEvent()]))
  writeSync(1, `${(await store.reads.auditHead()).seq}\n`) // at once: what is written must be what was acknowledged
}
