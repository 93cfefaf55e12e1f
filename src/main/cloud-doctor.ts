/** What ails the connections to clouds, for `sallyport doctor`. */
import type { App } from '../app/app.ts'
import type { Clouds, InventoryState } from '../app/clouds/clouds.ts'
import type { CallBudget } from '../app/ports.ts'
import type { Connection } from '../domain/clouds/connection.ts'
import type { Check } from '../contract/installation.ts'
import { formatDuration, formatInstant, SECOND, type Instant } from '../domain/time.ts'

type Watched = Pick<Clouds, 'connections' | 'stateOf' | 'budgets'>

export function cloudChecks(clouds: Watched, { clock }: Pick<App, 'clock'>): Check[] {
  const now = clock.now()
  return [...connectionChecks(clouds, now), ...clouds.budgets().flatMap((budget) => budgetChecks(budget, now))]
}

function connectionChecks(clouds: Watched, now: Instant): Check[] {
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

/** Only when calls have to wait: openings may be late then, and closings go first. */
function budgetChecks({ subscription, kind, left, limit, waiting, pausedUntil }: CallBudget, now: Instant): Check[] {
  if (pausedUntil <= now && waiting === 0) return []
  const until = pausedUntil > now ? `; the cloud told us to wait until ${formatInstant(pausedUntil)}` : ''
  const text = `${waiting} ${kind} calls to ${subscription} wait for their turn, ${left} of ${limit} are left${until}; what closes goes first`
  return [{ name: `calls to ${subscription}`, status: 'warning', text }]
}
