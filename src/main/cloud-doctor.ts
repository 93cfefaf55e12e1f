/** What ails the connections to clouds, for `sallyport doctor`. */
import type { App } from '../app/app.ts'
import type { Clouds, InventoryState } from '../app/clouds.ts'
import type { Connection } from '../domain/connection.ts'
import type { Check } from '../contract/installation.ts'
import { formatDuration, formatInstant, SECOND, type Instant } from '../domain/time.ts'

export function cloudChecks(clouds: Pick<Clouds, 'connections' | 'stateOf'>, { clock }: Pick<App, 'clock'>): Check[] {
  const now = clock.now()
  return clouds.connections().flatMap((connection) => {
    const state = clouds.stateOf(connection.key)
    return [freshness(connection, state, now), ...warningsOf(connection, state)]
  })
}

function freshness({ name }: Connection, state: InventoryState, now: Instant): Check {
  const at = { name: `connection ${name}` }
  const { machines, readAt, staleSince, problem } = state
  if (staleSince !== undefined)
    return {
      ...at,
      status: 'failed',
      text: `its machines could not be read since ${formatInstant(staleSince)}: ${problem ?? ''}; the ${machines} known ones stay protected`,
      remedy: `sallyport connect check ${name}`,
    }
  if (readAt === undefined) return { ...at, status: 'warning', text: 'its machines have not been read yet' }
  const age = formatDuration(Math.floor((now - readAt) / SECOND) * SECOND)
  return { ...at, status: 'ok', text: `${machines} machines, read ${age} ago` }
}

function warningsOf({ name }: Connection, { warnings }: InventoryState): Check[] {
  return warnings.map(({ message }) => ({ name: `connection ${name}`, status: 'warning', text: message }))
}
