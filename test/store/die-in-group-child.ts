/** Two transactions that share a commit; the second ends the process. Usage: node die-in-group-child.ts FOLDER */
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aGrant, aRequest, askFor } from './builders.ts'

const store = await openSqliteStore(process.argv[2] ?? '')
const first = store.transaction((tx) => askFor(tx, aRequest('first', [aGrant('g1')])))
const second = store.transaction(async (tx) => {
  await askFor(tx, aRequest('second', [aGrant('g2')]))
  process.kill(process.pid, 'SIGKILL')
})
await Promise.all([first, second])
