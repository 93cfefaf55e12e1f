/** How a watched request is shown: a row for each of its grants, narrow enough for a small terminal. */
import type { WireGrant, WireRequest } from '../../contract/request.ts'
import { parseInstant } from '../../domain/time.ts'
import { grantColumns, LIVE } from '../show/grant-columns.ts'
import type { NameOf } from '../show/machine-names.ts'
import type { Column } from '../show/output.ts'
import { whoAsked } from '../show/request-view.ts'
import { formatLength } from '../times.ts'

export interface WatchedGrant {
  readonly request: WireRequest
  readonly grant: WireGrant
}

export function watchedGrants(requests: readonly WireRequest[]): WatchedGrant[] {
  return requests.flatMap((request) => request.grants.map((grant) => ({ request, grant })))
}

export function watchedColumns(now: number, nameOf?: NameOf): Column<WatchedGrant>[] {
  const ofGrant = grantColumns(now, nameOf)
    .filter(({ title }) => title !== 'UNTIL')
    .map(({ title, text, raw, colour }): Column<WatchedGrant> => ({
      title,
      text: ({ grant }, view) => text(grant, view),
      ...(raw === undefined ? {} : { raw: ({ grant }: WatchedGrant) => raw(grant) }),
      ...(colour === undefined ? {} : { colour: ({ grant }: WatchedGrant) => colour(grant) }),
    }))
  return [
    ...ofGrant,
    { title: 'LEFT', text: ({ grant }) => leftText(grant, now), raw: ({ grant }) => grant.until },
    { title: 'BY', text: ({ request }) => whoAsked(request) || request.address },
    { title: 'REQUEST', text: ({ request }) => request.id },
  ]
}

function leftText({ state, until }: WireGrant, now: number): string {
  const end = parseInstant(until)
  return end.ok && LIVE.has(state) ? formatLength(end.value - now) : ''
}
