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

/** Rows that one answer looks at: a caller who may read little is handed the rest page by page. */
const MOST_LOOKED_AT = 5_000

export async function showRequest(
  app: Pick<App, 'store' | 'access' | 'inventory' | 'driverOf'>,
  id: RequestId,
  caller: Caller,
): Promise<StoredRequest | undefined> {
  const request = await app.store.reads.request(id)
  if (request === undefined) return undefined
  const mayRead = await requestReader(app, caller)
  const [told] = (await mayRead(request)) ? await withReach(app, [request]) : []
  return told
}

export async function listRequests(
  app: Pick<App, 'store' | 'access' | 'inventory' | 'driverOf'>,
  { filter, page, caller }: { filter: RequestFilter; page: Page<RequestId>; caller: Caller },
): Promise<ReadablePage<StoredRequest, RequestId>> {
  const found = await readablePage({
    read: (next) => app.store.reads.requests(filter, next),
    keyOf: ({ id }) => id,
    may: await requestReader(app, caller),
    page,
    most: MOST_LOOKED_AT,
  })
  return { ...found, items: await withReach(app, found.items) }
}

/** Each policy is looked up once, removed ones too. */
export async function requestReader(
  app: Pick<App, 'store' | 'access'>,
  caller: Caller,
): Promise<(request: StoredRequest) => boolean | Promise<boolean>> {
  if (caller.isBreakGlass) return () => true
  const rights = await rightsOf(app, caller)
  const known = new Map<string, Promise<boolean>>()
  const judge = async (uid: string): Promise<boolean> => {
    const id = (await app.store.reads.idsOfPolicies([uid])).get(uid)
    return id !== undefined && rights.may(READ_POLICY, id)
  }
  return (request) => {
    if (isOwn(request, caller)) return true
    const mayRead = known.get(request.policy) ?? judge(request.policy)
    known.set(request.policy, mayRead)
    return mayRead
  }
}

/** By object id: a name is no proof, and programs have none. */
export function isOwn({ requestorId }: StoredRequest, { principals: [own] }: Caller): boolean {
  return requestorId !== undefined && own !== undefined && requestorId === own
}
