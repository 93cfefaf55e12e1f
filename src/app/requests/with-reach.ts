/**
 * Tells of each live grant where its port is reached, when that is not the machine's own address: a firewall translates.
 * For people to read; nothing decides by it.
 */
import type { App } from '../app.ts'
import type { PointId } from '../ports/inventory.ts'
import type { StoredRequest } from '../ports/rows.ts'
import { isLive, type Grant } from '../../domain/access/grant.ts'
import { readReaches, reachKeysFor, type Reach, type ReachKey } from '../../domain/access/reach.ts'
import { resourceKey } from '../../domain/resource-id.ts'

type Ground = Pick<App, 'store' | 'inventory' | 'driverOf'>

export async function withReach(app: Ground, requests: readonly StoredRequest[]): Promise<StoredRequest[]> {
  const tell = await reachesOf(
    app,
    requests.flatMap(({ grants }) => grants),
  )
  return requests.map((request) => ({ ...request, grants: request.grants.map(tell) }))
}

export async function grantsWithReach(app: Ground, grants: readonly Grant[]): Promise<Grant[]> {
  return grants.map(await reachesOf(app, grants))
}

async function reachesOf(app: Ground, grants: readonly Grant[]): Promise<(grant: Grant) => Grant> {
  const points = new Set(grants.filter(({ state }) => isLive(state)).flatMap((grant) => translatingPoints(app, grant)))
  const journals = await Promise.all([...points].map((point) => app.store.reads.journal(point)))
  const reaches = new Map<ReachKey, Reach>(journals.flatMap((journal) => [...readReaches(journal)]))
  return (grant) => {
    const keys = isLive(grant.state) ? reachKeysFor(resourceKey(grant.machine), grant.port, grant.sources) : []
    const reach = keys.map((key) => reaches.get(key)).find((found) => found !== undefined)
    return reach === undefined ? grant : { ...grant, reach }
  }
}

function translatingPoints({ inventory, driverOf }: Ground, { machine }: Grant): PointId[] {
  const points = inventory.find(resourceKey(machine))?.points ?? []
  return points.filter((point) => driverOf(point)?.traitsOf?.(point).translates === true)
}
