/**
 * What the reader may do at a place, so that pages do not offer what would be refused. The server decides again at each
 * call; until it has said what the reader may do, nothing is offered.
 */
import type { WirePermissionList } from '../../contract/authorization.ts'
import { definitionGrants } from '../../domain/role-definition.ts'
import type { ActionChoice } from '../../domain/required-actions.ts'
import { useServer } from './queries.ts'

const VERSION = { 'api-version': '2022-04-01' }

export function useMay(scope: string): (anyOf: ActionChoice) => boolean {
  const path = `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/permissions`
  const { data, isPlaceholderData } = useServer<WirePermissionList>(path, VERSION)
  if (data === undefined || isPlaceholderData) return () => false
  return (anyOf) => anyOf.some((action) => definitionGrants({ permissions: data.value }, action))
}
