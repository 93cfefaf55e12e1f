/**
 * The one repository: what {@link Reads} and {@link Tx} do, on any session. It knows no database.
 *
 * Audit events and wake-ups are kept back until the work is done: replicas append to one chain, and the shorter the
 * chain's end is locked, the less they wait for each other.
 */
import type { PointId } from '../app/ports/inventory.ts'
import type { Reads, Tx } from '../app/ports/store.ts'
import type { AuditEvent } from '../domain/audit/audit.ts'
import { withoutSecrets } from '../domain/audit/audit-facts.ts'
import { connectionReadsOn, connectionTxOn } from './connections.ts'
import { appendAudit, listAudit, readAuditHead, readLatestInstant } from './audit.ts'
import { changeGrants, countOverdue, extendGrants, listGrantsAt, listLiveGrants, listSightings } from './grants.ts'
import { hostReadsOn, hostTxOn } from './hosts.ts'
import { identityReadsOn, identityTxOn } from './identity.ts'
import { readJournal } from './journal.ts'
import {
  findNextDue,
  findPoint,
  listOverduePoints,
  listTroubledPoints,
  putDrift,
  putJournal,
  putSightings,
  recordFailure,
  recordPass,
  renewLease,
  wishPoints,
} from './points.ts'
import {
  findPolicy,
  listIdsOfPolicies,
  listIdsOfPoliciesCovering,
  listPolicies,
  listPoliciesByUid,
  listPoliciesChoosing,
  listPoliciesCovering,
  markPolicyRemoved,
  writePolicy,
} from './policies.ts'
import { findRequest, insertRequest, listRequests } from './requests.ts'
import { trailReadsOn, trailTxOn } from './audit-trail.ts'
import { guardedSession } from './guarded-session.ts'
import { readUse } from './machine-use.ts'
import { roleReadsOn, roleTxOn } from './roles.ts'
import type { Session } from './session.ts'
import { ensureSetting, readSetting, writeSetting } from './settings.ts'
import { notifyWish } from './wake.ts'

export function readsOn(session: Session): Reads {
  return {
    policy: (key) => findPolicy(session, key),
    policies: (filter, page) => listPolicies(session, filter, page),
    policiesCovering: (machines) => listPoliciesCovering(session, machines),
    idsOfPoliciesCovering: (machines) => listIdsOfPoliciesCovering(session, machines),
    policiesChoosing: () => listPoliciesChoosing(session),
    useOf: (machines, since) => readUse(session, machines, since),
    request: (id) => findRequest(session, id),
    requests: (filter, page) => listRequests(session, filter, page),
    liveGrants: (policies) => listLiveGrants(session, policies),
    point: (id) => findPoint(session, id),
    journal: (point) => readJournal(session, point),
    grantsAt: (point, since) => listGrantsAt(session, point, since),
    nextDue: (owner, prefixes) => findNextDue(session, owner, prefixes),
    troubledPoints: (page) => listTroubledPoints(session, page),
    overduePoints: (before, limit) => listOverduePoints(session, before, limit),
    overdue: (before) => countOverdue(session, before),
    audit: (filter, page) => listAudit(session, filter, page),
    auditHead: () => readAuditHead(session),
    setting: (name) => readSetting(session, name),
    latestInstant: () => readLatestInstant(session),
    identity: identityReadsOn(session),
    roles: roleReadsOn(session),
    trail: trailReadsOn(session),
    connections: connectionReadsOn(session),
    hosts: hostReadsOn(session),
    policiesByUid: (uids) => listPoliciesByUid(session, uids),
    idsOfPolicies: (uids) => listIdsOfPolicies(session, uids),
  }
}

/** Does the work, then writes what was kept back. Whoever calls commits, or rolls back when this rejects. */
export async function perform<T>(session: Session, replica: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const guarded = guardedSession(session)
  const kept: Kept = { events: [], wished: new Set() }
  try {
    const result = await work(txOn(guarded, kept))
    if (session.flavour.notifies && kept.wished.size > 0) await notifyWish(guarded, replica, [...kept.wished])
    await flush(guarded, kept)
    guarded.mustBeWhole()
    return result
  } finally {
    guarded.end()
  }
}

interface Kept {
  events: AuditEvent[]
  readonly wished: Set<PointId>
}

async function flush(session: Session, kept: Kept): Promise<void> {
  const { events } = kept
  if (events.length === 0) return
  kept.events = []
  await appendAudit(session, events)
}

function txOn(session: Session, kept: Kept): Tx {
  return {
    ...readsOn(session),
    audit: async (filter, page) => {
      await flush(session, kept)
      return listAudit(session, filter, page)
    },
    auditHead: async () => {
      await flush(session, kept)
      return readAuditHead(session)
    },
    putPolicy: (policy) => writePolicy(session, policy),
    removePolicy: (uid, at) => markPolicyRemoved(session, uid, at),
    insertRequest: (request, points, revisions) => insertRequest(session, { request, points, revisions }),
    wish: (wish) => {
      for (const point of wish.points) kept.wished.add(point)
      return wishPoints(session, wish)
    },
    changeGrants: (changes, revisions = new Map()) => changeGrants(session, changes, revisions),
    extendGrants: (extensions, revisions) => extendGrants(session, extensions, revisions),
    sightingsOf: (grants) => listSightings(session, grants),
    recordPass: (record) => recordPass(session, record),
    putSightings: (point, sightings) => putSightings(session, point, sightings),
    recordFailure: (point, failure) => recordFailure(session, point, failure),
    putDrift: (point, drift) => putDrift(session, point, drift),
    putJournal: (point, entries, owner) => putJournal(session, { point, entries, owner }),
    renewLease: (point, lease) => renewLease(session, point, lease),
    append: async (events) => {
      kept.events.push(...events.map(withoutSecrets))
    },
    putSetting: (name, value) => writeSetting(session, name, value),
    ensureSetting: (name, value) => ensureSetting(session, name, value),
    identity: identityTxOn(session),
    roles: roleTxOn(session),
    trail: trailTxOn(session),
    connections: connectionTxOn(session),
    hosts: hostTxOn(session),
  }
}
