/** How places are called in front of people: a subscription by what the server calls it, for its id says nothing; all else by its own name. */
import type { UseQueryResult } from '@tanstack/react-query'
import { useMachineNames } from '../../api/machines.ts'
import { useServer, useWhoami } from '../../api/queries.ts'
import type { ArmSubscription } from '../../../contract/arm-resources.ts'
import { useText } from '../../language.tsx'
import { partsMessages } from '../parts.messages.ts'

interface SubscriptionList {
  readonly value: readonly Pick<ArmSubscription, 'id' | 'displayName'>[]
}

export function useSubscriptions(): UseQueryResult<SubscriptionList> {
  return useServer('/subscriptions', { 'api-version': '2022-09-01' })
}

/** The id stays what tells them apart: whoever shows the name says the id where it is pointed at. */
export function usePlaceNames(ids: readonly string[]): (id: string) => string {
  const { thisInstallation } = useText(partsMessages)
  const subscriptions = useSubscriptions().data?.value ?? []
  const own = useWhoami().data?.subscriptionId
  const names = new Map(subscriptions.map(({ id, displayName }) => [id.toLowerCase(), displayName]))
  if (own !== undefined) names.set(`/subscriptions/${own}`.toLowerCase(), thisInstallation)
  const machineName = useMachineNames(ids)
  return (id) => names.get(id.toLowerCase()) ?? machineName(id)
}
