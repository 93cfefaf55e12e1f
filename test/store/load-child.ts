/**
 * A process that loads a store until it is killed, and says what was acknowledged: one request id a line.
 * Usage: node load-child.ts sqlite|postgres PLACE
 */
import { writeSync } from 'node:fs'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aGrant, aRequest, askFor } from './builders.ts'

const LANES = 16
const [kind, place = ''] = process.argv.slice(2)
const store = await (kind === 'sqlite' ? openSqliteStore(place) : openPostgresStore(place))

async function lane(number: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const id = `r-${number}-${turn}`
    await store.transaction((tx) => askFor(tx, aRequest(id, [aGrant(`g-${number}-${turn}`)])))
    writeSync(1, `${id}\n`) // at once: what is written must be what was acknowledged
  }
}

await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
