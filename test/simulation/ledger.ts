/** What is committed, read past the product's own store code through a connection of its own. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoredAuditEvent } from '../../src/domain/audit/audit.ts'
import type { Grant } from '../../src/domain/access/grant.ts'
import type { StoredPolicy } from '../../src/app/ports/rows.ts'
import { grantFromRow } from '../../src/store/grant-row.ts'
import type { AuditTable, GrantTable, JournalTable } from '../../src/store/tables.ts'

export class Ledger {
  readonly #db: DatabaseSync

  constructor(folder: string) {
    this.#db = new DatabaseSync(join(folder, 'sallyport.db'), { readOnly: true })
  }

  grants(): Grant[] {
    const rows = this.#db.prepare('select * from grants order by id').all()
    return rows.map((row) => grantFromRow(row as unknown as GrantTable)) // the schema says so
  }

  policies(): Pick<StoredPolicy, 'name' | 'machines' | 'key'>[] {
    const rows = this.#db.prepare('select policy_key, name, machines from policies where removed_at is null').all()
    return rows.map((row) => ({
      key: String(row['policy_key']) as StoredPolicy['key'], // was one when it was written
      name: String(row['name']),
      machines: JSON.parse(String(row['machines'])) as StoredPolicy['machines'], // as above
    }))
  }

  auditAfter(seq: number): StoredAuditEvent[] {
    const rows = this.#db.prepare('select * from audit where seq > ? order by seq').all(seq)
    return (rows as unknown as AuditTable[]).map(({ request_id, grant_id, ...event }) => ({
      ...event, // the schema says so
      ...(request_id === null ? {} : { request: request_id }),
      ...(grant_id === null ? {} : { grant: grant_id }),
    }))
  }

  journal(): JournalTable[] {
    return this.#db.prepare('select * from journal').all() as unknown as JournalTable[] // the schema says so
  }

  requestCount(id: string): number {
    return Number(this.#db.prepare('select count(*) as n from grants where request_id = ?').get(id)?.['n'])
  }

  close(): void {
    this.#db.close()
  }
}
