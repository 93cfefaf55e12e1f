/** What would be done if the server gave this document: the driver's own judgement over the kernel as it is. Changes nothing. */
import type { Driver, Step } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { HostDocument } from '../../contract/agent.ts'
import type { AgentClock } from '../agent-clock.ts'
import { desiredAt, wantedOf, type Wanted } from './desired-of-document.ts'
import type { KeptJournal } from '../state/kept-journal.ts'

export interface ForetellDeps {
  readonly driver: Driver
  readonly point: PointId
  readonly clock: AgentClock
  readonly journal: Pick<KeptJournal, 'entries'>
}

/** Throws when it cannot be read, or speaks of another place than the one that is known here. */
export async function foretell(
  { driver, point, clock, journal }: ForetellDeps,
  document: HostDocument,
  now: Wanted | undefined,
): Promise<readonly Step[]> {
  const proposed = wantedOf(document, now)
  if (placeOf(proposed) !== placeOf(now)) throw new Error('the host has not been told yet what is behind it')
  const at = clock.now()
  const observed = await driver.observe(point, 'all', new AbortController().signal)
  const desired = desiredAt(proposed, at)
  const input = { desired, observed, scope: 'all', journal: journal.entries(), now: at } as const
  return driver.plan({ ...input, isProposal: true }).steps
}

/** What the driver knows of a gateway it asks of the document in force. */
function placeOf(wanted: Wanted | undefined): string {
  return JSON.stringify(wanted?.document.settings.gateway ?? null)
}
