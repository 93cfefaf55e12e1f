/** Where roles may hold: everywhere, a subscription, a resource group, a machine; and the addresses of roles there. */
import { useQueries } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { useText } from '../../language.tsx'
import { usePlaceNames, useSubscriptions } from '../../parts/words/place-names.ts'
import { accessMessages } from './access-control.messages.ts'

const ARM = { 'api-version': '2022-09-01' }

interface Named {
  readonly value: readonly { readonly id: string }[]
}

/** `/` first, then each subscription with its groups, as far as the reader may see them. */
export function useScopes(): readonly string[] {
  const subscriptions = (useSubscriptions().data?.value ?? []).map(({ id }) => id)
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

/** How places are called: what is within a group with its group, for the name alone says too little. */
export function useScopeText(scopes: readonly string[]): (scope: string) => string {
  const { everywhere } = useText(accessMessages)
  const called = usePlaceNames(scopes)
  return (scope) => {
    if (scope === '/') return everywhere
    const group = /\/resourceGroups\/([^/]+)\/.+/i.exec(scope)?.[1]
    return group === undefined ? called(scope) : `${called(scope)} (${group})`
  }
}

export function authorizationUrl(scope: string, rest: string): string {
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/${rest}`
}

export const ROLE_VERSION = { 'api-version': '2022-04-01' }
