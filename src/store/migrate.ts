/** Brings a database to the newest schema. Runs inside one transaction of whoever opens the store. */
import { ddlOf } from './ddl.ts'
import { MIGRATIONS, NEWEST } from './migrations.ts'
import type { Session } from './session.ts'

const RECORD = 'create table if not exists schema_migrations (number integer primary key, name text not null)'

/** Refuses a store that a newer version wrote: what it means is not known here. `place` names it for people. */
export async function migrate(session: Session, place: string): Promise<void> {
  await session.run(RECORD, [])
  const rows = await session.run('select number from schema_migrations', [])
  const present = new Set((rows as readonly { number: number }[]).map(({ number }) => number)) // the statement above says so
  const newest = Math.max(0, ...present)
  if (newest > NEWEST) throw new StoreTooNew(place, newest)
  const ddl = ddlOf(session.flavour)
  for (const migration of MIGRATIONS.filter(({ number }) => !present.has(number))) {
    for (const statement of migration.statements(ddl)) await session.run(statement, [])
    const text = `insert into schema_migrations (number, name) values (${migration.number}, '${migration.name}')`
    await session.run(text, [])
  }
}

class StoreTooNew extends Error {
  constructor(place: string, present: number) {
    super(
      `${place} was written by a newer sallyport (schema ${present}; this one knows ${NEWEST}): install that version again, or restore a backup from before it`,
    )
  }
}
