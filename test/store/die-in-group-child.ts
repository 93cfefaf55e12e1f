/**
 * Two transactions that share a commit; the second ends the process. Says `first` if the first was acknowledged, which
 * can only be when a slow machine gave it a group of its own. Usage: node die-in-group-child.ts FOLDER
 */
import { writeSync } from 'node:fs'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aGrant, aRequest, askFor } from './builders.ts'

const store = await openSqliteStore(process.argv[2] ?? '')
// Statements are prepared by their first use; after it a group has time for both.
await store.transaction((tx) => askFor(tx, aRequest('warm', [aGrant('g0')])))
const first = store.transaction((tx) => askFor(tx, aRequest('first', [aGrant('g1')]))).then(() => writeSync(1, 'first'))
const second = store.transaction(async (tx) => {
  await askFor(tx, aRequest('second', [aGrant('g2')]))
  process.kill(process.pid, 'SIGKILL')
})
await Promise.all([first, second])
