/** What the pages ask the server for. One key per path, so that live changes know what to ask for again. */
import {
  keepPreviousData,
  useMutation,
  useQuery,
  useQueryClient,
  type Query,
  type UseQueryResult,
} from '@tanstack/react-query'
import type { z } from 'zod'
import type { Whoami } from '../../contract/installation.ts'
import type { extendBody, WireRequest, WireRequestList } from '../../contract/request.ts'
import type { CurrentSession } from '../../contract/session.ts'
import { useTell } from '../parts/tell.tsx'
import { ApiError, call, setCsrfToken, type Asked } from './call.ts'

/** Undefined while nobody is signed in. */
export function useSession(): UseQueryResult<CurrentSession | null> {
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        const session = await call<CurrentSession>('/auth/session', { signal })
        setCsrfToken(session.csrfToken)
        return session
      } catch (cause) {
        if (cause instanceof ApiError && cause.kind === 'signed-out') return null
        throw cause
      }
    },
    staleTime: 60_000,
    // Whoever types for half an hour asks nothing else; what a page asks that nobody is at does not count as use.
    refetchInterval: ({ state }) => (state.error === null ? 60_000 : 5_000),
    refetchIntervalInBackground: true,
  })
}

export function useServer<T>(path: string, query?: Asked['query']): UseQueryResult<T> {
  return useQuery({
    queryKey: [path, query ?? {}],
    queryFn: ({ signal }) => call<T>(path, { signal, ...(query === undefined ? {} : { query }) }),
    placeholderData: keepPreviousData,
  })
}

export const useWhoami = (): UseQueryResult<Whoami> => useServer('/api/v1/whoami')
export const useRequests = (query: Asked['query']): UseQueryResult<WireRequestList> =>
  useServer('/api/v1/requests', query)

/** The audit trail is read when somebody asks for it, for that is on record; much (`restOf`) is left alone for a while. */
export function isReadAgain({ meta, state }: Pick<Query, 'meta' | 'state'>): boolean {
  const restOf: unknown = meta?.['restOf']
  const rest: unknown = typeof restOf === 'function' ? restOf(state.data) : 0
  return meta?.['isReadOnRequest'] !== true && Date.now() - state.dataUpdatedAt >= Number(rest)
}

/** A change on the server; whatever it touched is asked for again. `says`: what is told in passing when it is done. */
export function useChange<I, T>(change: (input: I) => Promise<T>, says?: (answer: T, input: I) => string) {
  const client = useQueryClient()
  const tell = useTell()
  return useMutation({
    mutationFn: change,
    onSuccess: (answer, input) => (says === undefined ? undefined : tell(says(answer, input))),
    onSettled: () => client.invalidateQueries({ predicate: isReadAgain }),
  })
}

export function useClose() {
  return useChange(({ id, grants }: { id: string; grants?: readonly string[] }) =>
    call<WireRequest>(`/api/v1/requests/${encodeURIComponent(id)}/close`, {
      method: 'POST',
      body: grants === undefined ? {} : { grants },
    }),
  )
}

export function useExtend() {
  return useChange(({ id, ...body }: { id: string } & z.infer<typeof extendBody>) =>
    call<WireRequest>(`/api/v1/requests/${encodeURIComponent(id)}/extend`, { method: 'POST', body }),
  )
}
