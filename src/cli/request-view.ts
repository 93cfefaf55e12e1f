/** How one request is shown: who asked and why, and each of its grants. */
import type { WireRequest } from '../contract/request.ts'
import { shortName } from './directory.ts'
import { showFacts } from './facts.ts'
import { grantColumns } from './grant-columns.ts'
import type { Screen } from './session.ts'
import { formatWireTime } from './times.ts'

export async function showRequest(screen: Screen, request: WireRequest): Promise<void> {
  showFacts(screen, [
    ['Request', request.id],
    ['Policy', request.policy === undefined ? undefined : shortName(request.policy)],
    ['By', [request.requestor, request.address].filter((text) => text !== '').join(', from ')],
    ['Asked', formatWireTime(request.startTimeUtc, screen.view)],
    ['Why', request.justification],
  ])
  await screen.show({ data: request, rows: request.grants, columns: grantColumns(screen.io.now()) })
}
