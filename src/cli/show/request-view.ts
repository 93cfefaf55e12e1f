/** How one request is shown: who asked and why, and each of its grants. */
import type { WireRequest } from '../../contract/request.ts'
import { shortName } from '../names/directory.ts'
import { showBelow, showFacts } from './facts.ts'
import { grantColumns, reachColumns } from './grant-columns.ts'
import { machineNames } from './machine-names.ts'
import type { Session } from '../session.ts'
import { formatWireTime } from '../times.ts'

/** A program has no name of its own on the wire; two programs of one machine are told apart by their ids. */
export function whoAsked({ requestor, requestorId = '' }: Pick<WireRequest, 'requestor' | 'requestorId'>): string {
  return requestor || requestorId
}

export async function showRequest(session: Session, request: WireRequest): Promise<void> {
  showFacts(session, [
    ['Request', request.id],
    ['Policy', request.policy === undefined ? undefined : shortName(request.policy)],
    ['By', [whoAsked(request), request.address].filter((text) => text !== '').join(', from ')],
    ['Asked', formatWireTime(request.startTimeUtc, session.view)],
    ['Why', request.justification],
  ])
  const { grants } = request
  const nameOf = await machineNames(
    session,
    grants.map(({ machine }) => machine),
  )
  const columns = [...grantColumns(session.io.now(), nameOf), ...reachColumns(grants)]
  await showBelow(session, { data: request, rows: grants, columns })
}
