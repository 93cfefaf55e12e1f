/** Runs the loading process, ends something in the middle of its work, and hands back what it was promised. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Store } from '../../src/app/ports/store.ts'
import { verifyAudit, type AuditVerdict } from '../../src/store/verify-audit.ts'

/** Enough for several groups; where exactly the blow falls is the machine's chance. */
export const PROMISES = 200

export async function acknowledgedBefore(
  load: { kind: 'sqlite' | 'postgres'; place: string },
  blow: (child: { kill(): void }) => Promise<void>,
): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load-child.ts'), load.kind, load.place], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exit = once(child, 'close')
  let said = ''
  let struck: Promise<void> | undefined
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > PROMISES) struck ??= blow({ kill: () => child.kill('SIGKILL') })
  })
  await exit
  await struck
  return said.split('\n').slice(0, -1)
}

export interface Kept {
  readonly lost: readonly string[]
  /** Requests without their grants: a transaction that was kept by half. */
  readonly torn: readonly string[]
  readonly audit: AuditVerdict
  readonly requests: number
}

export async function whatWasKept(store: Store, acknowledged: readonly string[]): Promise<Kept> {
  const requests = await store.reads.requests({}, { limit: 1_000_000 })
  const kept = new Set<string>(requests.map((request) => request.id))
  return {
    lost: acknowledged.filter((id) => !kept.has(id)),
    torn: requests.filter((request) => request.grants.length !== 1).map((request) => request.id),
    audit: await verifyAudit(store.reads),
    requests: requests.length,
  }
}
