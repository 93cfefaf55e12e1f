/**
 * The schema as text, to be committed: review sees what a migration does. SQLite tells what it really has; PostgreSQL's
 * is the statements of all migrations, so that no server is needed to write it.
 */
import { DatabaseSync } from 'node:sqlite'
import { ddlOf } from './ddl.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { sessionOn } from './sqlite-connection.ts'

const HEADER = '-- Written by `npm run generate` from src/store/migrations.ts. Do not edit.\n'

export async function dumpSqliteSchema(): Promise<string> {
  const db = new DatabaseSync(':memory:')
  await migrate(sessionOn(db), 'a database in memory')
  const rows = db.prepare('select sql from sqlite_schema where sql is not null order by rowid').all()
  db.close()
  return HEADER + rows.map(({ sql }) => `\n${String(sql)};\n`).join('')
}

export function dumpPostgresSchema(): string {
  const ddl = ddlOf({ name: 'postgres' })
  const statements = MIGRATIONS.flatMap((migration) => [
    `-- ${migration.number}: ${migration.name}`,
    ...migration.statements(ddl).map((statement) => `${statement};`),
  ])
  return HEADER + statements.map((statement) => `\n${statement}\n`).join('')
}
