/**
 * One reading of a connection's machines: what was found, what is kept although it was not found, what goes on record,
 * and which points must be looked at because something else stands behind them now.
 */
import { pointPrefixesOf, reaches } from '../../domain/clouds/judge-connection.ts'
import { indexMachines, type MachineIndex } from '../../domain/machine-index.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import type { App } from '../app.ts'
import { nextTurn } from '../in-turns.ts'
import type { ChangedPoints } from '../convergence/changed-points.ts'
import type { CloudSide, OpenConnection, Snapshot } from '../ports/clouds.ts'
import type { Machine, PointId } from '../ports/inventory.ts'

export type Machines = MachineIndex<ResourceKey, PointId, Machine>

export interface Reading {
  readonly snapshot: Snapshot
  readonly machines: Machines
}

interface ToRead {
  readonly side: CloudSide
  readonly connection: OpenConnection
  /** As they were known before. */
  readonly known: Machines
  readonly signal: AbortSignal
}

/** The snapshot, with those protected machines that are not in it although nobody says that they are gone. */
export async function readThrough(
  deps: Pick<App, 'store'>,
  { side, connection, known, signal }: ToRead,
): Promise<Reading> {
  const snapshot = await side.inventoryOf(connection, signal)
  await nextTurn()
  const found = indexMachines<ResourceKey, PointId, Machine>(snapshot.machines)
  await nextTurn()
  const guarded = await guardedBy(deps, connection)
  const missing = guarded.flatMap((key) => (found.byKey.has(key) ? [] : (known.byKey.get(key) ?? [])))
  const kept: Machine[] = []
  for (const machine of missing) if (!(await side.isGone(connection, machine, signal))) kept.push(machine)
  return { snapshot, machines: kept.length === 0 ? found : indexMachines([...found.sorted, ...kept]) }
}

/** The machines that policies name and that would be found through the connection. */
async function guardedBy({ store }: Pick<App, 'store'>, connection: OpenConnection): Promise<ResourceKey[]> {
  return (await store.reads.connections.protectedMachines()).filter((key) => reaches(connection, key))
}

interface Read {
  readonly machines: Machines
  readonly changed: ChangedPoints
  readonly isFirst: boolean
}

/**
 * The protected machines, so that a server that starts while the cloud is silent knows them; and a wish where something else
 * stands behind a point than before: after the first reading, at all. Both or neither: what is known already is wished for
 * by nobody any more. True if any point is due now.
 */
export async function recordReading(
  deps: Pick<App, 'store' | 'clock'>,
  connection: OpenConnection,
  { machines, changed, isFirst }: Read,
): Promise<boolean> {
  const { store, clock } = deps
  const now = clock.now()
  const guarded = new Set(await guardedBy(deps, connection))
  const { news, gone } = await newsOf(deps, connection, { guarded, machines })
  const ofGuarded = changed.machines.filter(({ key }) => guarded.has(key)).flatMap(({ points }) => points)
  const due = new Set([...ofGuarded, ...(await store.reads.connections.carrying(changed.points))])
  if (news.length + gone.length + due.size > 0)
    await store.transaction(async (tx) => {
      if ((await tx.connections.find(connection.key)) !== undefined) {
        await tx.connections.forget(gone)
        await tx.connections.remember(connection.key, news, now)
      }
      if (due.size > 0) await tx.wish({ points: [...due], shape: true, dueAt: now })
    })
  if (isFirst) await store.dueNow(pointPrefixesOf(connection), now)
  return due.size > 0 || isFirst
}

interface Guarded {
  readonly guarded: ReadonlySet<ResourceKey>
  readonly machines: Machines
}

/** What the record does not have yet of the protected machines, and what it should not have any more. */
async function newsOf(
  { store }: Pick<App, 'store'>,
  { key }: OpenConnection,
  { guarded, machines }: Guarded,
): Promise<{ readonly news: readonly Machine[]; readonly gone: readonly ResourceKey[] }> {
  const present = [...guarded].flatMap((each) => machines.byKey.get(each) ?? [])
  const presentKeys = new Set(present.map((machine) => machine.key))
  const remembered = await store.reads.connections.remembered(key)
  const known = new Map(remembered.map((each) => [each.key, JSON.stringify(each)]))
  return {
    news: present.filter((machine) => known.get(machine.key) !== JSON.stringify(machine)),
    gone: [...known.keys()].filter((each) => !presentKeys.has(each)),
  }
}
