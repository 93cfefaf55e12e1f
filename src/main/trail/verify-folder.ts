/** Checks the audit trail of a data folder without a server: it opens the database to read, and changes nothing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { FolderToVerify } from '../../cli/commands/audit/verify.ts'
import type { TrailFinding } from '../../app/audit/verify-activity.ts'
import { sessionOn } from '../../store/sqlite-connection.ts'
import { readsOn } from '../../store/unit-of-work.ts'
import { verifyTrail } from '../../store/verify-audit.ts'
import { CHECKPOINT_FILE, wholeLinesOf } from './checkpoint-file.ts'
import { trailKeyring } from './trail-key.ts'

export async function verifyFolder({ data, checkpoints, publicKey }: FolderToVerify): Promise<TrailFinding> {
  const path = join(data, 'sallyport.db')
  if (!existsSync(path)) throw new Error(`${path} is not there; --data is the folder of a server that uses SQLite`)
  const outside = checkpoints ?? join(data, CHECKPOINT_FILE)
  if (checkpoints !== undefined && !existsSync(checkpoints)) throw new Error(`${checkpoints} is not there`)
  const isSigned = await trailKeyring(data, publicKey)
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return await verifyTrail(readsOn(sessionOn(db)), { isSigned, outside: () => wholeLinesOf(outside) })
  } finally {
    db.close()
  }
}
