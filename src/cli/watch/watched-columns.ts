/** How a watched request is shown: a row for each of its grants. */
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { grantColumns } from '../grant-columns.ts'
import type { Column } from '../output.ts'

export interface WatchedGrant {
  readonly request: WireRequest
  readonly grant: WireGrant
}

export function watchedGrants(requests: readonly WireRequest[]): WatchedGrant[] {
  return requests.flatMap((request) => request.grants.map((grant) => ({ request, grant })))
}

export function watchedColumns(now: number): Column<WatchedGrant>[] {
  const ofGrant = grantColumns(now).map(({ title, text, raw, colour }): Column<WatchedGrant> => ({
    title,
    text: ({ grant }, view) => text(grant, view),
    ...(raw === undefined ? {} : { raw: ({ grant }: WatchedGrant) => raw(grant) }),
    ...(colour === undefined ? {} : { colour: ({ grant }: WatchedGrant) => colour(grant) }),
  }))
  return [
    { title: 'REQUEST', text: ({ request }) => request.id },
    { title: 'BY', text: ({ request: { requestor, address } }) => requestor || address },
    ...ofGrant,
  ]
}
