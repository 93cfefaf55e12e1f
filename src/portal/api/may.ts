/**
 * What the reader may do at a place, so that pages do not offer what would be refused. The server decides again at each
 * call; until it has said what the reader may do, nothing is offered, and nothing is said to be forbidden either.
 */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import type { WirePermissionList } from '../../contract/authorization.ts'
import type { WireMachine } from '../../contract/machine.ts'
import { definitionGrants } from '../../domain/roles/role-definition.ts'
import { machineKindOf, REQUIRED, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { parseResourceId } from '../../domain/resource-id.ts'
import { call } from './call.ts'
import { useWhoami } from './queries.ts'

const VERSION = { 'api-version': '2022-04-01' }

function permissionsAt(scope: string) {
  const path = `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/permissions`
  return {
    queryKey: [path, VERSION],
    queryFn: ({ signal }: { signal: AbortSignal }) => call<WirePermissionList>(path, { signal, query: VERSION }),
  }
}

function allows({ value: permissions }: WirePermissionList, anyOf: ActionChoice): boolean {
  return anyOf.some((action) => definitionGrants({ permissions }, action))
}

export function useMay(scope: string): (anyOf: ActionChoice) => boolean {
  const { data, isPlaceholderData } = useQuery({ ...permissionsAt(scope), placeholderData: keepPreviousData })
  if (data === undefined || isPlaceholderData) return () => false
  return (anyOf) => allows(data, anyOf)
}

/** A list may be long, and rights change seldom. */
const ASKED_AGAIN_AFTER = 30_000

/** The same at each of `scopes`, which may be many: rights at one of them alone count there. */
export function useMayAt(scopes: readonly string[]): (scope: string, anyOf: ActionChoice) => boolean {
  const meta = { restOf: () => ASKED_AGAIN_AFTER }
  const answers = useQueries({ queries: scopes.map((scope) => ({ ...permissionsAt(scope), meta })) })
  const known = new Map(scopes.map((scope, index) => [scope, answers[index]?.data]))
  return (scope, anyOf) => {
    const at = known.get(scope)
    return at !== undefined && allows(at, anyOf)
  }
}

/** Where hosts are: rights there are rights to enrol one. */
export function useHostScope(): string {
  const own = useWhoami().data
  return own === undefined ? '/' : `/subscriptions/${own.subscriptionId}/resourceGroups/${own.resourceGroup}`
}

/** A right that the reader does not have. */
export interface Lack {
  readonly action: string
  readonly scope: string
}

interface Need {
  readonly anyOf: ActionChoice
  readonly scope: string
}

/** The first of `needs` that the reader lacks, `nothing` where all are there; undefined until that is known. */
export function useLack(needs: readonly Need[]): Lack | 'nothing' | undefined {
  const scopes = [...new Set(needs.map(({ scope }) => scope))]
  const answers = useQueries({ queries: scopes.map(permissionsAt) })
  const known = new Map(scopes.map((scope, index) => [scope, answers[index]?.data]))
  for (const { anyOf, scope } of needs) {
    const at = known.get(scope)
    if (at === undefined) return undefined
    if (!allows(at, anyOf)) return { action: anyOf[0], scope }
  }
  return 'nothing'
}

/** Beyond so many machines only their policies are looked at; the server looks at all. */
const MACHINES_LOOKED_AT = 20

/** What it takes to protect machines, or to ask for access to them: at the policy, and at the machine itself. */
export function needsAt(
  deed: keyof typeof REQUIRED,
  machines: readonly Pick<WireMachine, 'id' | 'policies'>[],
): Need[] {
  const { policy, machine: rights } = REQUIRED[deed]
  return machines.flatMap(({ id, policies }, order) => {
    const place = policies[0] ?? /^.*?\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? '/'
    const parsed = order < MACHINES_LOOKED_AT ? parseResourceId(id) : undefined
    const own = parsed?.ok === true ? rights[machineKindOf(parsed.value)] : []
    return [...policy.map((anyOf) => ({ anyOf, scope: place })), ...own.map((anyOf) => ({ anyOf, scope: id }))]
  })
}
