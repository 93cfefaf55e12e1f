/**
 * Leases: the right to write to an enforcement point. They end by themselves, so a replica that dies holds nothing.
 */
import { SECOND, type Instant, type Millis } from '../domain/time.ts'
import type { Lease } from './ports.ts'

/** Longer than any pass may take, so that a lease taken at its start still holds at its end. */
const LEASE: Millis = 20 * SECOND

/** No pass runs longer: after this its signal aborts, and its lease still has time to spare. */
export const PASS_DEADLINE: Millis = 10 * SECOND

export function leaseFor(owner: string, now: Instant): Lease {
  return { owner, now, until: now + LEASE }
}
