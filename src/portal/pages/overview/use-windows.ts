/**
 * The windows of a stretch of time. What is open changes often and is little; what is over may be thousands of requests, and
 * is asked for again by the minute when it is many.
 */
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { useRequests } from '../../api/queries.ts'
import type { WireRequest, WireRequestList } from '../../../contract/request.ts'

const A_PAGE = 1_000
const MOST_PAGES = 5
const MANY = 300
const REST_OF_MANY = 60_000

export interface Stretch {
  /** ISO-8601. */
  readonly since: string
  readonly until?: string | undefined
}

export interface Requests {
  readonly past: readonly WireRequest[]
  readonly live: readonly WireRequest[]
  /** Whether there are more than are shown. */
  readonly isCut: boolean
}

/** Made since then and, where a stretch of the past is looked at, before `until`. */
export function useRequestsOf(stretch: Stretch): { readonly query: UseQueryResult<Past>; readonly requests: Requests } {
  const live = useRequests({ live: true, top: A_PAGE })
  const query = useQuery({
    queryKey: ['/api/v1/requests', { ...stretch, all: true }],
    queryFn: ({ signal }) => pagesOf(stretch, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REST_OF_MANY,
    meta: { restOf: (past: Past | undefined) => ((past?.value.length ?? 0) > MANY ? REST_OF_MANY : 0) },
  })
  const { value = [], isCut = false } = query.data ?? {}
  return { query, requests: { past: value, live: live.data?.value ?? [], isCut } }
}

interface Past {
  readonly value: readonly WireRequest[]
  readonly isCut: boolean
}

async function pagesOf(stretch: Stretch, signal: AbortSignal): Promise<Past> {
  const value: WireRequest[] = []
  let after: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const list = await call<WireRequestList>('/api/v1/requests', { signal, query: { ...stretch, top: A_PAGE, after } })
    value.push(...list.value)
    after = list.nextLink === undefined ? undefined : list.value.at(-1)?.id
    if (after === undefined) return { value, isCut: false }
  }
  return { value, isCut: true }
}
