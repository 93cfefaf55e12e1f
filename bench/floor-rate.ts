/**
 * The store's own ceiling: the transactions of granted requests with nobody in front of them. Each caller records its
 * request in a transaction; what was recorded while a pass was being written goes into the next one, as the product's
 * passes do.
 */
import { grantEvent } from '../src/app/requests/grant-event.ts'
import type { StoredRequest } from '../src/app/ports/rows.ts'
import type { Store } from '../src/app/ports/store.ts'
import { openSqliteStore } from '../src/store/open-sqlite.ts'
import { SECOND } from '../src/domain/time.ts'
import { monotonic } from './monotonic.ts'
import { pointOf, policyRow, requestRow } from './grant-rows.ts'
import type { Place } from './site.ts'
import { sourceAt } from './sources.ts'

export interface FloorRate {
  /** Granted requests a second. */
  run(input: { callers: number; seconds: number }): Promise<number>
  close(): Promise<void>
}

export async function openFloorRate(folder: string, place: Place, port: number): Promise<FloorRate> {
  const store = await openSqliteStore(folder)
  const policy = policyRow(place, port, Date.now())
  await store.transaction(async (tx) => {
    await tx.putPolicy(policy)
  })
  let source = 0
  const ask = (): StoredRequest =>
    requestRow({ place, policy: policy.uid, source: sourceAt(source++), port, now: Date.now() })
  return {
    run: async ({ callers, seconds }) => {
      const record = recorder(store, place)
      const begun = monotonic()
      const ends = begun + seconds * SECOND
      const counts = await Promise.all(
        Array.from({ length: callers }, async () => {
          let count = 0
          for (; monotonic() < ends; count++) {
            const request = ask()
            await insert(store, request, place)
            await record(request)
          }
          return count
        }),
      )
      return (counts.reduce((sum, count) => sum + count, 0) / (monotonic() - begun)) * SECOND
    },
    close: () => store.close(),
  }
}

/** What `requestAccess` writes. */
async function insert(store: Store, request: StoredRequest, place: Place): Promise<void> {
  const point = pointOf(place)
  const now = request.startedAt
  await store.transaction(async (tx) => {
    const rows = await tx.wish({
      points: [point],
      shape: false,
      dueAt: now,
      lease: { owner: 'local', now, until: now + 20 * SECOND },
    })
    const revisions = new Map(rows.map((row) => [row.id, row.wanted]))
    await tx.insertRequest(request, new Map(request.grants.map(({ grant }) => [grant, [point]])), revisions)
    const of = { at: now, action: 'access.requested', actor: request.requestor, address: request.address } as const
    await tx.append(request.grants.map((grant) => grantEvent(grant, of)))
  })
}

interface Batch {
  readonly requests: StoredRequest[]
  readonly done: PromiseWithResolvers<void>
}

/** What a pass writes, one at a time; whoever comes meanwhile shares the next. */
function recorder(store: Store, place: Place): (request: StoredRequest) => Promise<void> {
  let next: Batch | undefined
  let isRunning = false
  const drain = async (): Promise<void> => {
    isRunning = true
    for (let batch = next; batch !== undefined; batch = next) {
      next = undefined
      await recordPass(store, batch.requests, place)
      batch.done.resolve()
    }
    isRunning = false
  }
  return (request) => {
    next ??= { requests: [], done: Promise.withResolvers<void>() }
    next.requests.push(request)
    const { promise } = next.done
    if (!isRunning) void drain()
    return promise
  }
}

async function recordPass(store: Store, requests: readonly StoredRequest[], place: Place): Promise<void> {
  const grants = requests.flatMap((request) => request.grants)
  const at = Date.now()
  await store.transaction(async (tx) => {
    await tx.changeGrants(grants.map(({ grant }) => ({ grant, state: 'open', reason: 'UserRequested', at })))
    const of = { at, action: 'access.opened', actor: 'sallyport', address: '' } as const
    await tx.append(grants.map((grant) => grantEvent({ ...grant, state: 'open' }, of)))
    await tx.recordPass({
      point: pointOf(place),
      applied: 1,
      sightings: grants.map(({ grant }) => ({ grant, sighting: 'held' })),
      grace: 20,
      lookAgainAt: at + 60 * SECOND,
    })
  })
}
