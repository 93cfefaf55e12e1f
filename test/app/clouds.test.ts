/** What a replica knows of the clouds: read at intervals, kept when they fall silent, known again after a restart. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clouds } from '../../src/app/clouds/clouds.ts'
import { liveInventory } from '../../src/app/machines/live-inventory.ts'
import type { StoredConnection } from '../../src/app/ports/connection-record.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { StoredPolicy } from '../../src/app/ports/rows.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { parseResourceId, resourceKey, type ResourceId } from '../../src/domain/resource-id.ts'
import { MINUTE, type Millis } from '../../src/domain/time.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { aMachineId, NOON, policyMachines, SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { testClouds } from '../support/clouds.ts'
import { aCloudMachine, cloudPoint, ImaginedCloud } from '../support/imagined-cloud.ts'

const ID = valueOf(
  parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/securityConnectors/prod`,
  ),
)
const KEY = resourceKey(ID)
const NSG1 = cloudPoint('web1-nsg')

const CONNECTION: StoredConnection = {
  id: ID,
  key: KEY,
  name: 'prod',
  settings: {
    kind: 'azure',
    cloud: { name: 'public' },
    tenant: SUBSCRIPTION,
    subscriptions: [SUBSCRIPTION],
    credential: { kind: 'managedIdentity' },
    firewallPolicies: false,
    drift: 'repair',
    refreshEvery: 5 * MINUTE,
  },
  hasSecret: false,
  version: 1,
  createdAt: NOON,
  updatedAt: NOON,
}

let folder: string
let store: Store
let cloud: ImaginedCloud
let now = NOON
let stop: (() => void)[] = []
/** The store reads, and writes nothing. */
let isReadOnly = false

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-clouds-${process.pid}-`))
  store = await openSqliteStore(folder)
  cloud = new ImaginedCloud()
  now = NOON
  stop = []
  isReadOnly = false
  await connect(CONNECTION)
})
afterEach(async () => {
  for (const end of stop) end()
  await store.close()
  await rm(folder, { recursive: true })
})

const connect = (connection: StoredConnection): Promise<void> =>
  store.transaction(async (tx) => {
    await tx.connections.change()
    await tx.connections.put(connection)
  })

/** A replica of its own on the store: nothing in memory is shared. */
async function replica(side = cloud.side): Promise<{ clouds: Clouds; turn: (millis?: Millis) => Promise<void> }> {
  let wake = (): void => {}
  const log = { error: () => {}, warn: () => {}, info: () => {} }
  const timer = {
    sleep: (_: Millis, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve
        signal.addEventListener('abort', () => resolve())
      }),
  }
  const refuse = (): Promise<never> => Promise.reject(new Error('the database is read-only'))
  const mayFail: Store = {
    ...store,
    transaction: (work) => (isReadOnly ? refuse() : store.transaction(work)),
    dueNow: (prefixes, at) => (isReadOnly ? refuse() : store.dueNow(prefixes, at)),
  }
  const clouds = testClouds({ store: mayFail, clock: { now: () => now }, log, loadSide: async () => side, timer })
  await clouds.sync()
  stop.push(() => void clouds.stop())
  const turn = async (millis: Millis = 0): Promise<void> => {
    now += millis
    wake()
    await new Promise((resolve) => setImmediate(resolve))
    await clouds.sync()
  }
  return { clouds, turn }
}

const protect = (...names: string[]): Promise<boolean> => {
  const id = valueOf(
    parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`,
    ),
  )
  const policy: StoredPolicy = {
    uid: 'uid',
    id,
    key: resourceKey(id),
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'default',
    location: 'local',
    name: 'default',
    kind: 'Basic',
    machines: policyMachines({ machines: names.map((name): ResourceId => aMachineId(name)) }),
    version: 1,
    createdAt: NOON,
    updatedAt: NOON,
  }
  return store.transaction((tx) => tx.putPolicy(policy))
}

const EMPTY = { find: () => undefined, list: () => [], behind: () => [] }
const behind = (clouds: Clouds, point: PointId): string[] =>
  liveInventory(EMPTY, clouds)
    .behind(point)
    .map(({ name }) => name)

const dueAt = async (point: PointId): Promise<number | undefined> => (await store.reads.point(point))?.dueAt

describe('the machines of a connection', () => {
  it('are read at their interval, and in between when somebody asks', async () => {
    const { clouds, turn } = await replica()
    const read = async (times: number): Promise<void> => {
      await expect.poll(() => clouds.stateOf(KEY).readAt).toBe(now)
      expect(cloud.readings).toBe(times)
    }
    cloud.machines = [aCloudMachine('web1')]
    clouds.start(() => {})
    await turn()
    await read(1)
    await turn(4 * MINUTE)
    expect(cloud.readings).toBe(1)
    await turn(MINUTE)
    await read(2)
    await clouds.refresh(KEY)
    expect(cloud.readings).toBe(3)
  })

  it('are read again soon after a pass over one of its points, but not all the time', async () => {
    const { clouds, turn } = await replica()
    const read = async (times: number): Promise<void> => {
      await expect.poll(() => clouds.stateOf(KEY).readAt).toBe(now)
      expect(cloud.readings).toBe(times)
    }
    clouds.start(() => {})
    await turn()
    await read(1)
    await turn(2 * MINUTE)
    clouds.noticed('aws:elsewhere' as PointId)
    await turn(30_000)
    expect(cloud.readings).toBe(1)
    clouds.noticed(NSG1)
    await turn(15_000)
    await read(2)
    clouds.noticed(NSG1)
    await turn(15_000)
    expect(cloud.readings).toBe(2)
    await turn(45_000)
    await read(3)
  })

  it('stay as they were while the cloud cannot be read, which is told with its reason', async () => {
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1')]
    await clouds.refresh(KEY)
    cloud.broken = 'no answer'
    now += MINUTE
    await clouds.refresh(KEY)
    expect(clouds.stateOf(KEY)).toMatchObject({ state: 'stale', machines: 1, staleSince: now, problem: 'no answer' })
    expect(behind(clouds, NSG1)).toEqual(['web1'])
    cloud.broken = undefined
    await clouds.refresh(KEY)
    expect(clouds.stateOf(KEY)).not.toHaveProperty('problem')
  })

  it('are known again after a restart, if they are protected, before the cloud was read or while it cannot be', async () => {
    await protect('web1')
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1'), aCloudMachine('web2')]
    await clouds.refresh(KEY)
    cloud.broken = 'no answer'
    const { clouds: restarted } = await replica()
    expect(behind(restarted, NSG1)).toEqual(['web1'])
    expect(behind(restarted, cloudPoint('web2-nsg'))).toEqual([])
    await restarted.refresh(KEY)
    expect(behind(restarted, NSG1)).toEqual(['web1'])
  })

  it('that are protected count as gone only when the cloud says that they are', async () => {
    await protect('web1')
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1'), aCloudMachine('web2')]
    await clouds.refresh(KEY)
    cloud.machines = []
    await clouds.refresh(KEY)
    expect([behind(clouds, NSG1), behind(clouds, cloudPoint('web2-nsg'))]).toEqual([['web1'], []])
    cloud.gone.add(aCloudMachine('web1').key)
    await clouds.refresh(KEY)
    expect(behind(clouds, NSG1)).toEqual([])
    expect(await store.reads.connections.remembered(KEY)).toEqual([])
  })
})

describe('the points of a connection', () => {
  const settle = (points: readonly PointId[], lookAgainAt: number | undefined): Promise<void> =>
    store.transaction(async (tx) => {
      for (const point of points) {
        const [row] = await tx.wish({ points: [point], shape: true, dueAt: now })
        await tx.recordPass({ point, applied: row?.wanted ?? 0, sightings: [], grace: 0, lookAgainAt })
      }
    })

  it('are looked at when a protected machine moved, was made again or is gone: where it was and where it is', async () => {
    await protect('web1')
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1')]
    await clouds.refresh(KEY)
    const later = now + 10 * MINUTE
    const moved = cloudPoint('other-nsg')
    for (const machine of [
      aCloudMachine('web1', { points: [moved] }),
      aCloudMachine('web1', { points: [moved], vmId: 'made-again' }),
      aCloudMachine('web1', { points: [moved], vmId: 'made-again', privateAddresses: ['10.0.0.9'] }),
    ]) {
      await settle([NSG1, moved], later)
      cloud.machines = [machine]
      await clouds.refresh(KEY)
      expect(await dueAt(moved)).toBe(now)
    }
    await settle([NSG1, moved], later)
    await clouds.refresh(KEY)
    expect([await dueAt(NSG1), await dueAt(moved)]).toEqual([later, later])
  })

  const movedWhileReadOnly = async () => {
    await protect('web1')
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1')]
    await clouds.refresh(KEY)
    const moved = cloudPoint('other-nsg')
    cloud.machines = [aCloudMachine('web1', { points: [moved] })]
    isReadOnly = true
    await clouds.refresh(KEY)
    return { clouds, moved }
  }

  it('are looked at, and known after a restart, also when the store failed just as a machine moved', async () => {
    const { clouds, moved } = await movedWhileReadOnly()
    expect([await dueAt(moved), clouds.stateOf(KEY).problem]).toEqual([undefined, 'the database is read-only'])
    isReadOnly = false
    await clouds.refresh(KEY)
    expect([await dueAt(moved), clouds.stateOf(KEY).state]).toEqual([now, 'fresh'])
    expect(behind((await replica()).clouds, moved)).toEqual(['web1'])
  })

  it('are looked at also when the connection was changed, or could not be used for a while, since the store failed', async () => {
    const { clouds, moved } = await movedWhileReadOnly()
    isReadOnly = false
    for (const [version, sealedSecret] of [
      [2, 'sealed elsewhere'],
      [3, undefined],
    ] as const) {
      await connect({
        ...CONNECTION,
        version,
        hasSecret: sealedSecret !== undefined,
        ...(sealedSecret && { sealedSecret }),
      })
      await clouds.sync()
    }
    await clouds.refresh(KEY)
    expect(await dueAt(moved)).toBe(now)
  })

  it('are all looked at although the store failed after the first reading', async () => {
    await settle([NSG1], now + 10 * MINUTE)
    const { clouds } = await replica()
    isReadOnly = true
    await clouds.refresh(KEY)
    isReadOnly = false
    expect(await dueAt(NSG1)).toBe(now + 10 * MINUTE)
    await clouds.refresh(KEY)
    expect(await dueAt(NSG1)).toBe(now)
  })

  it('are looked at when a neighbour comes, if they carry anything of ours', async () => {
    const { clouds } = await replica()
    await clouds.refresh(KEY)
    const quiet = cloudPoint('quiet-nsg')
    await settle([NSG1], now + 10 * MINUTE)
    await settle([quiet], undefined)
    cloud.machines = [aCloudMachine('new', { points: [NSG1] }), aCloudMachine('other', { points: [quiet] })]
    await clouds.refresh(KEY)
    expect([await dueAt(NSG1), await dueAt(quiet)]).toEqual([now, undefined])
  })

  it('are all looked at after the first reading, because a pass before it may have failed', async () => {
    await settle([NSG1], now + 10 * MINUTE)
    const { clouds } = await replica()
    await clouds.refresh(KEY)
    expect(await dueAt(NSG1)).toBe(now)
  })
})

describe('a connection that another replica made, changed or removed', () => {
  it('is taken up without a restart', async () => {
    const { clouds } = await replica()
    cloud.machines = [aCloudMachine('web1')]
    await clouds.refresh(KEY)
    await connect({ ...CONNECTION, version: 2, settings: { ...CONNECTION.settings, drift: 'report' } })
    await clouds.sync()
    expect(cloud.connections).toMatchObject([{ settings: { drift: 'report' } }])
    expect(behind(clouds, NSG1)).toEqual(['web1'])
    await store.transaction(async (tx) => {
      await tx.connections.change()
      await tx.connections.remove(KEY)
    })
    await clouds.sync()
    expect([cloud.connections, behind(clouds, NSG1)]).toEqual([[], []])
  })

  it('whose secret another key sealed is told of, serves nothing and is not asked', async () => {
    await connect({ ...CONNECTION, version: 2, hasSecret: true, sealedSecret: 'sealed elsewhere' })
    const { clouds } = await replica()
    expect(clouds.stateOf(KEY)).toMatchObject({ state: 'stale', problem: expect.stringContaining('another key') })
    expect(cloud.connections).toEqual([])
    await clouds.refresh(KEY)
    expect(await clouds.checkKept(KEY)).toMatchObject([{ status: 'unknown', remedy: 'give the secret again' }])
    expect(clouds.stateOf(KEY).problem).toContain('another key')
    expect([cloud.readings, cloud.checked]).toEqual([0, []])
  })

  it('of a kind that cannot be served says so when it is tried, and is told of as it cannot be read', async () => {
    const log = { error: () => {}, warn: () => {}, info: () => {} }
    const clouds = testClouds({ store, clock: { now: () => now }, log })
    await clouds.sync()
    expect(await clouds.checkKept(KEY)).toMatchObject([{ status: 'unknown', text: 'no azure here' }])
    await clouds.refresh(KEY)
    expect(clouds.stateOf(KEY)).toMatchObject({ state: 'stale', problem: 'no azure here' })
  })
})
