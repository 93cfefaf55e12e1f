/**
 * Requests across policies: one by its id, or many, newest first. A person sees those of policies that it may read, and
 * its own. Of the others it is not told that they exist.
 */
import type { App } from '../app.ts'
import { rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Page, RequestFilter, StoredRequest } from '../ports/rows.ts'
import { readablePage, type ReadablePage } from '../readable-page.ts'
import { withReach } from './with-reach.ts'
import type { RequestId } from '../../domain/access/grant.ts'
import { READ_POLICY } from '../../domain/roles/required-actions.ts'
import type { ResourceId } from '../../domain/resource-id.ts'

/** Rows that one answer looks at: a caller who may read little is handed the rest page by page. */
const MOST_LOOKED_AT = 5_000

export async function showRequest(
  app: Pick<App, 'store' | 'access' | 'inventory' | 'driverOf'>,
  id: RequestId,
  caller: Caller,
): Promise<StoredRequest | undefined> {
  const request = await app.store.reads.request(id)
  if (request === undefined) return undefined
  const { may } = await requestReader(app, caller)
  const [told] = (await may(request)) ? await withReach(app, [request]) : []
  return told
}

export async function listRequests(
  app: Pick<App, 'store' | 'access' | 'inventory' | 'driverOf'>,
  { filter, page, caller }: { filter: RequestFilter; page: Page<RequestId>; caller: Caller },
): Promise<ReadablePage<StoredRequest, RequestId>> {
  const { lookUp, may } = await requestReader(app, caller)
  const found = await readablePage({
    read: async (next) => {
      const requests = await app.store.reads.requests(filter, next)
      await lookUp(requests)
      return requests
    },
    keyOf: ({ id }) => id,
    may,
    page,
    most: MOST_LOOKED_AT,
  })
  return { ...found, items: await withReach(app, found.items) }
}

export interface RequestReader {
  readonly may: (request: StoredRequest) => boolean | Promise<boolean>
  /** Their policies at once: who reads a thousand requests does not ask for the policy of each. */
  readonly lookUp: (requests: readonly StoredRequest[]) => Promise<void>
}

/** Each policy is looked up once, removed ones too. */
export async function requestReader(app: Pick<App, 'store' | 'access'>, caller: Caller): Promise<RequestReader> {
  if (caller.isBreakGlass) return { may: () => true, lookUp: () => Promise.resolve() }
  const rights = await rightsOf(app, caller)
  const known = new Map<string, boolean>()
  const lookUp = async (requests: readonly StoredRequest[]): Promise<void> => {
    const others = requests.filter((request) => !isOwn(request, caller)).map(({ policy }) => policy)
    const uids = [...new Set(others)].filter((uid) => !known.has(uid))
    const ids = uids.length === 0 ? new Map<string, ResourceId>() : await app.store.reads.idsOfPolicies(uids)
    for (const uid of uids) {
      const id = ids.get(uid)
      known.set(uid, id !== undefined && rights.may(READ_POLICY, id))
    }
  }
  const look = async (request: StoredRequest): Promise<boolean> => {
    await lookUp([request])
    return known.get(request.policy) === true
  }
  return { may: (request) => isOwn(request, caller) || (known.get(request.policy) ?? look(request)), lookUp }
}

/** By object id: a name is no proof, and programs have none. */
export function isOwn({ requestorId }: StoredRequest, { principals: [own] }: Caller): boolean {
  return requestorId !== undefined && own !== undefined && requestorId === own
}
