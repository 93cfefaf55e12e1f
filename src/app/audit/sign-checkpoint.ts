/** Writes the next signed checkpoint. Must be called inside the transaction whose facts it vouches for. */
import { createHash } from 'node:crypto'
import type { App } from '../app.ts'
import type { Tx } from '../ports/store.ts'
import type { AuditHead, TrailSigner } from '../ports/trail.ts'
import { FIRST_HASH } from '../../domain/audit/audit.ts'
import { checkpointText, lineFromCheckpoint, type Checkpoint } from '../../domain/audit/audit-checkpoint.ts'

export type SigningDeps = Pick<App, 'clock' | 'installation'> & { readonly signer: TrailSigner }

export async function signCheckpoint(
  { clock, installation, signer }: SigningDeps,
  tx: Tx,
  { seq, hash, dropped }: AuditHead & Pick<Checkpoint, 'dropped'>,
): Promise<void> {
  const last = await tx.trail.lastCheckpoint()
  const checkpoint: Checkpoint = {
    number: (last?.number ?? 0) + 1,
    installation: installation.subscriptionId,
    at: clock.now(),
    seq,
    hash,
    previous: last === undefined ? FIRST_HASH : hashOfLine(last.line),
    ...(dropped === undefined ? {} : { dropped }),
  }
  const { key } = signer
  const signature = signer.sign(checkpointText(checkpoint, key))
  const line = lineFromCheckpoint({ ...checkpoint, key, signature })
  await tx.trail.addCheckpoint({ number: checkpoint.number, seq, line })
}

function hashOfLine(line: string): string {
  return createHash('sha256').update(line).digest('hex')
}
