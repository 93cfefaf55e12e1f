/**
 * Who was still connected when access ended, in the audit trail: cut off, or told of, as the policy says. An event for each
 * grant that they came by.
 */
import { grantEvent } from './grant-event.ts'
import type { Tx } from '../ports/store.ts'
import type { AuditAction, AuditEvent } from '../../domain/audit/audit.ts'
import type { ProtectedPort, Shield } from '../../domain/access/desired.ts'
import { flowText, grantsBehind, isByHole, onExpiryOf, type Flow } from '../../domain/access/flow.ts'
import { isWanted, type Grant } from '../../domain/access/grant.ts'
import { resourceKey, type ResourceKey } from '../../domain/resource-id.ts'
import type { Instant } from '../../domain/time.ts'

export interface About {
  /** The grants at the point that may be behind such flows and are not gone, or were not when the pass began. */
  readonly behind: (flows: readonly Flow[]) => readonly Grant[]
  readonly shields: readonly Shield[]
  readonly now: Instant
}

/** How far back a grant is looked for that ended before this replica knew the point. */
const MOST_REQUESTS = 100

export async function cutEvents(
  tx: Pick<Tx, 'requests'>,
  flows: readonly Flow[],
  { behind, now }: Pick<About, 'behind' | 'now'>,
): Promise<AuditEvent[]> {
  if (flows.length === 0) return []
  const rows = behind(flows)
  const grants = [...rows, ...(await earlierGrants(tx, flows, rows, now))]
  const byGrant = Map.groupBy(flows, (flow) => grantsBehind(flow, grants, now)[0])
  return [...byGrant].map(([grant, cut]) => {
    const [first] = cut
    return grant === undefined ? ownerless(first?.machine ?? '', cut, now) : eventOf('access.cut', grant, cut, now)
  })
}

async function earlierGrants(
  tx: Pick<Tx, 'requests'>,
  flows: readonly Flow[],
  rows: readonly Grant[],
  now: Instant,
): Promise<Grant[]> {
  const unclear = flows.filter((flow) => grantsBehind(flow, rows, now).length === 0)
  const machines = [...new Set(unclear.map(({ machine }) => machine))]
  const found = await Promise.all(machines.map((machine) => tx.requests({ machine }, { limit: MOST_REQUESTS })))
  return found.flat().flatMap(({ grants }) => grants)
}

/** Of grants that have just closed: who came by them, and by no other that goes on. */
export function outlivedEvents(
  flows: readonly Flow[],
  closed: readonly Grant[],
  { behind, shields, now }: About,
): AuditEvent[] {
  return closed
    .filter((grant) => mustWarn(grant, shields))
    .flatMap((grant) => {
      const by = flows.filter((flow) => isByHole(flow, grant))
      const living = behind(by).filter((other) => isWanted(other, now))
      const left = by.filter((flow) => !living.some((other) => isByHole(flow, other)))
      return left.length === 0 ? [] : [eventOf('access.outlived', grant, left, now)]
    })
}

export function mustWarn({ machine, port, protocol }: Grant, shields: readonly Shield[]): boolean {
  const key = resourceKey(machine)
  const ports = portsOf(key, shields)
  const protocols = protocol === '*' ? (['TCP', 'UDP', 'SCTP'] as const) : [protocol]
  return protocols.some((each) => onExpiryOf({ port, protocol: each }, ports) === 'warn')
}

function portsOf(machine: ResourceKey, shields: readonly Shield[]): ProtectedPort[] {
  return shields.filter((shield) => resourceKey(shield.machine) === machine).flatMap(({ ports }) => ports)
}

type FlowAction = Extract<AuditAction, 'access.cut' | 'access.outlived'>

function eventOf(action: FlowAction, grant: Grant, flows: readonly Flow[], at: Instant): AuditEvent {
  return grantEvent(grant, { at, action, actor: 'sallyport', address: '' }, { connected: flows.map(flowText) })
}

/** Nobody remembers the grant any more. */
function ownerless(target: string, flows: readonly Flow[], at: Instant): AuditEvent {
  const data = JSON.stringify({ connected: flows.map(flowText) })
  return { at, action: 'access.cut', actor: 'sallyport', address: '', target, data }
}
