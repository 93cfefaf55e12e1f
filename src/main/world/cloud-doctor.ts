/** What ails the connections to clouds, for `sallyport doctor`. */
import type { App } from '../../app/app.ts'
import type { Clouds, InventoryState } from '../../app/clouds/clouds.ts'
import type { CallBudget } from '../../app/ports/clouds.ts'
import { found, foundAs, mendedBy } from '../../domain/check.ts'
import type { Connection } from '../../domain/clouds/connection.ts'
import type { Check } from '../../contract/installation.ts'
import { formatDuration, formatInstant, SECOND, type Instant } from '../../domain/time.ts'

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
      ...found('InventoryStale', { since: formatInstant(staleSince), problem: problem ?? '', machines }),
      ...mendedBy('Run', { command: `sallyport connect check ${name}` }),
    }
  if (readAt === undefined) return { ...at, status: 'warning', ...found('InventoryUnread', {}) }
  const age = formatDuration(Math.floor((now - readAt) / SECOND) * SECOND)
  return { ...at, status: 'ok', ...found('InventoryRead', { machines, age }) }
}

function warningsOf({ name }: Connection, { warnings }: InventoryState): Check[] {
  return warnings.map((warning) => ({ name: `connection ${name}`, status: 'warning', ...foundAs(warning) }))
}

/** Only when calls have to wait: openings may be late then, and closings go first. */
function budgetChecks({ subscription, kind, left, limit, waiting, pausedUntil }: CallBudget, now: Instant): Check[] {
  if (pausedUntil <= now && waiting === 0) return []
  const calls = { waiting, kind, subscription, left, limit }
  const words =
    pausedUntil > now
      ? found('CallsPaused', { ...calls, until: formatInstant(pausedUntil) })
      : found('CallsWait', calls)
  return [{ name: `calls to ${subscription}`, status: 'warning', ...words }]
}
