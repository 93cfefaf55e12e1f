/** A process that uses a folder until it is killed. Usage: node hold-child.ts FOLDER */
import { openSqliteStore } from '../../src/store/open-sqlite.ts'

await openSqliteStore(process.argv[2] ?? '')
process.stdout.write('holding\n')
setInterval(() => undefined, 60_000)
