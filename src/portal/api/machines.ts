/** Machines, always by what is looked for: an installation has more of them than a page could hold. */
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { WireMachine, WireMachineList } from '../../contract/machine.ts'
import { useSettled } from '../parts/settled.ts'
import { call, type Asked } from './call.ts'
import { nameOf } from './names.ts'
import { useServer } from './queries.ts'

/** Enough to choose from; more is found by typing more. */
const MOST_OFFERED = 50
/** Their ids must fit into one address. */
const AT_ONCE = 40

/** Whose name or id has in it what was typed; asked when typing pauses. */
export function useMachinesLike(typed: string, query: Asked['query'] = {}): UseQueryResult<WireMachineList> {
  const search = useSettled(typed.trim())
  return useServer('/api/v1/machines', { ...query, top: MOST_OFFERED, ...(search === '' ? {} : { search }) })
}

/** Those of `ids` that the reader may see. */
export function useMachinesOf(ids: readonly string[]): UseQueryResult<readonly WireMachine[]> {
  const asked = [...new Set(ids.map((id) => id.toLowerCase()))].toSorted()
  return useQuery({
    queryKey: ['/api/v1/machines', { ids: asked }],
    queryFn: async ({ signal }) => {
      const parts = Array.from({ length: Math.ceil(asked.length / AT_ONCE) }, (_, part) =>
        asked.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
      )
      const lists = parts.map((part) =>
        call<WireMachineList>('/api/v1/machines', { signal, query: { ids: part.join(','), top: AT_ONCE } }),
      )
      return (await Promise.all(lists)).flatMap(({ value }) => value)
    },
    placeholderData: keepPreviousData,
  })
}

export function machineNamed(machines: readonly WireMachine[] | undefined, id: string): WireMachine | undefined {
  return machines?.find((machine) => machine.id.toLowerCase() === id.toLowerCase())
}

/** How machines are called: in AWS by a tag, for their ids say nothing to people. */
export function useMachineNames(ids: readonly string[]): (id: string) => string {
  const tagged = useMachinesOf(ids.filter((id) => /\/ec2Instances\//i.test(id))).data
  return (id) => machineNamed(tagged, id)?.name ?? nameOf(id)
}
