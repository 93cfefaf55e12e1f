/**
 * A host is trusted no more: none of its certificates is taken from now on, on any replica, until it is enrolled anew. What
 * its kernel protects stays protected, and its holes end by themselves.
 */
import type { App } from '../app.ts'
import { event } from './enrol-host.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import type { Host, HostId, RevocationReason } from '../../domain/hosts/host.ts'
import type { Instant } from '../../domain/time.ts'

/** To be written with the version of hosts held. */
export function revoked(host: Host, because: RevocationReason, at: Instant): Host {
  const { version } = host
  return { ...host, certificates: [], revokedAt: at, revokedBecause: because, version: version + 1 }
}

export interface Clone {
  readonly host: HostId
  /** Of the certificate that two were seen to use. */
  readonly fingerprint: string
  readonly address: string
  /** What was seen, in a sentence. */
  readonly why: string
}

/** Two machines use one key: which is the right one nobody can tell, so neither is believed. */
export async function revokeClone(
  { store, clock }: Pick<App, 'store' | 'clock'>,
  { host: id, fingerprint, address, why }: Clone,
): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.hosts.change()
    const host = await tx.hosts.byId(id)
    if (host?.certificates.includes(fingerprint) !== true) return
    const now = clock.now()
    await tx.hosts.put(revoked(host, 'cloned', now))
    const facts: AuditFacts = { reason: why, thumbprint: fingerprint }
    await tx.append([event(host, { action: 'host.cloned', now, address, facts })])
  })
}
