/** Requests across policies: one by its id, or many, newest first. */
import type { App } from './app.ts'
import type { Page, RequestFilter, StoredRequest } from './ports.ts'
import type { RequestId } from '../domain/grant.ts'

export async function showRequest(app: Pick<App, 'store'>, id: RequestId): Promise<StoredRequest | undefined> {
  return app.store.reads.request(id)
}

export async function listRequests(
  app: Pick<App, 'store'>,
  filter: RequestFilter,
  page: Page<RequestId>,
): Promise<StoredRequest[]> {
  return app.store.reads.requests(filter, page)
}
