/** The people and programs that this installation knows itself, whole, as far as the reader may see them. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { useSession } from '../../api/queries.ts'
import type { WireGroup, WireServicePrincipal, WireUser } from '../../../contract/identity.ts'

const A_PAGE = 500
/** An own issuer is for who has no other; beyond this a list is for programs. */
const MOST = 5_000

interface Listed<T> {
  readonly value: T[]
  readonly nextLink?: string
}

function useEvery<T extends { readonly name: string }>(path: string): UseQueryResult<readonly T[]> {
  return useQuery({
    queryKey: [path, 'every'],
    queryFn: async ({ signal }) => {
      const all: T[] = []
      for (;;) {
        const query = { top: A_PAGE, after: all.at(-1)?.name }
        const page = await call<Listed<T>>(path, { signal, query })
        all.push(...page.value)
        if (page.nextLink === undefined || all.length >= MOST) return all
      }
    },
  })
}

export const USERS = '/api/v1/users'
export const GROUPS = '/api/v1/groups'
export const PROGRAMS = '/api/v1/service-principals'

export const useUsers = (): UseQueryResult<readonly WireUser[]> => useEvery(USERS)
export const useGroups = (): UseQueryResult<readonly WireGroup[]> => useEvery(GROUPS)
export const usePrograms = (): UseQueryResult<readonly WireServicePrincipal[]> => useEvery(PROGRAMS)

export type PrincipalKind = 'User' | 'Group' | 'ServicePrincipal'

export interface Principal {
  readonly id: string
  readonly name: string
  readonly kind: PrincipalKind
}

/** The reader, and those that may be seen; what may not be listed is left out, and its ids are shown as they are. */
export function usePrincipals(): readonly Principal[] {
  const [users, groups, programs] = [useUsers().data, useGroups().data, usePrograms().data]
  const session = useSession().data
  const [own] = session?.principals ?? []
  const known = [
    ...(users ?? []).map(({ id, name }) => ({ id, name, kind: 'User' as const })),
    ...(groups ?? []).map(({ id, name }) => ({ id, name, kind: 'Group' as const })),
    ...(programs ?? []).map(({ id, name }) => ({ id, name, kind: 'ServicePrincipal' as const })),
  ]
  const isKnown = own === undefined || known.some(({ id }) => id === own)
  return isKnown ? known : [{ id: own, name: session?.name ?? own, kind: 'User' }, ...known]
}

/** The name of a principal, or its id where it belongs to another issuer or may not be seen. */
export function calledIn(principals: readonly Principal[], id: string): string {
  return principals.find((principal) => principal.id.toLowerCase() === id.toLowerCase())?.name ?? id
}
