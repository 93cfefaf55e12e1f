/**
 * Leases: the right to write to an enforcement point. They end by themselves, so a replica that dies holds nothing.
 */
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'
import type { Lease } from '../ports/rows.ts'

/** Longer than a usual pass may take, so that a lease taken at its start still holds at its end. */
const LEASE: Millis = 20 * SECOND

/** Unless its point is known to be slower, no pass runs longer: its signal aborts, and its lease still has time to spare. */
export const PASS_DEADLINE: Millis = 10 * SECOND

/** How often the lease of a point that may take longer is renewed while its pass runs. */
export const RENEW_EVERY: Millis = 6 * SECOND

export function leaseFor(owner: string, now: Instant): Lease {
  return { owner, now, until: now + LEASE }
}
