/** Where roles may hold: everywhere, a subscription, a resource group, a machine; and the addresses of roles there. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { nameOf } from '../../api/names.ts'
import { useServer } from '../../api/queries.ts'
import type { WireMachineList } from '../../../contract/machine.ts'

const ARM = { 'api-version': '2022-09-01' }
const MOST_MACHINES = 20

interface Named {
  readonly value: readonly { readonly id: string }[]
}

/** `/` first, then each subscription with its groups, as far as the reader may see them. */
export function useScopes(): readonly string[] {
  const subscriptions = (useServer<Named>('/subscriptions', ARM).data?.value ?? []).map(({ id }) => id)
  const groups = useQueries({
    queries: subscriptions.map((subscription) => ({
      queryKey: [`${subscription}/resourceGroups`, ARM],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call<Named>(`${subscription}/resourceGroups`, { signal, query: ARM }),
    })),
  })
  return [
    '/',
    ...subscriptions.flatMap((id, index) => [id, ...(groups[index]?.data?.value ?? []).map((one) => one.id)]),
  ]
}

/** Machines whose name has `typed` in it; none before something is typed. */
export function useMachinesLike(typed: string): readonly string[] {
  const search = typed.startsWith('/') ? '' : typed.trim()
  const query = { search, top: MOST_MACHINES }
  const found = useQuery({
    queryKey: ['/api/v1/machines', query],
    queryFn: ({ signal }) => call<WireMachineList>('/api/v1/machines', { signal, query }),
    enabled: search !== '',
    placeholderData: keepPreviousData,
  })
  return search === '' ? [] : (found.data?.value ?? []).map(({ id }) => id)
}

/** "shop (resource group)" says less than its place does: the last two names of the id. */
export function scopeText(scope: string, everywhere: string): string {
  if (scope === '/') return everywhere
  const group = /\/resourceGroups\/([^/]+)\/.+/i.exec(scope)?.[1]
  return group === undefined ? nameOf(scope) : `${nameOf(scope)} (${group})`
}

export function authorizationUrl(scope: string, rest: string): string {
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/${rest}`
}

export const ROLE_VERSION = { 'api-version': '2022-04-01' }
