/** Live holes as rows, written by the store itself into the folder of a server that is not running. */
import { openSqliteStore } from '../src/store/open-sqlite.ts'
import { HOUR, type Instant } from '../src/domain/time.ts'
import type { StoredRequest } from '../src/app/ports/rows.ts'
import type { Store } from '../src/app/ports/store.ts'
import { pointOf, requestRow, resourceId } from './grant-rows.ts'
import { resourceKey } from '../src/domain/resource-id.ts'
import type { Place } from './site.ts'
import { sourceAt } from './sources.ts'

const ROWS_AT_ONCE = 1_000

export interface Seeding {
  readonly folder: string
  readonly place: Place
  readonly port: number
  readonly firstSource: number
  readonly count: number
}

/** Open for two hours, a request for each. The next start of the server finds them and puts them into the kernel. */
export async function seedHoles({ folder, place, port, firstSource, count }: Seeding): Promise<void> {
  const store = await openSqliteStore(folder)
  try {
    const now = Date.now()
    const policy = await store.reads.policy(resourceKey(resourceId(place.policy)))
    if (policy === undefined) throw new Error('expected the policy to be there already')
    for (let at = 0; at < count; at += ROWS_AT_ONCE) {
      const requests = Array.from({ length: Math.min(ROWS_AT_ONCE, count - at) }, (_, index) =>
        requestRow({
          place,
          policy: policy.uid,
          source: sourceAt(firstSource + at + index),
          port,
          now,
          until: now + 2 * HOUR,
          state: 'open',
        }),
      )
      await insert(store, requests, { place, now })
    }
  } finally {
    await store.close()
  }
}

async function insert(
  store: Store,
  requests: readonly StoredRequest[],
  { place, now }: { place: Place; now: Instant },
): Promise<void> {
  const point = pointOf(place)
  await store.transaction(async (tx) => {
    const rows = await tx.wish({ points: [point], shape: false, dueAt: now })
    const revisions = new Map(rows.map((row) => [row.id, row.wanted]))
    for (const request of requests) {
      await tx.insertRequest(request, new Map(request.grants.map(({ grant }) => [grant, [point]])), revisions)
    }
  })
}
