/** Connections between the wire and the domain. The secret goes one way only. */
import type { ConnectionView } from '../../app/clouds/show-connections.ts'
import type { WireConnection, WireConnectionCheck, WireConnectionSettings } from '../../contract/connection.ts'
import type { ConnectionCheck, ConnectionSettings } from '../../domain/clouds/connection.ts'
import { ok, placedAt, refused, type Result } from '../../domain/refusal.ts'
import { formatDuration, formatInstant, parseDuration } from '../../domain/time.ts'

export function settingsFromWire({
  refreshEvery: text,
  ...written
}: WireConnectionSettings): Result<ConnectionSettings> {
  const refreshEvery = parseDuration(text)
  if (!refreshEvery.ok) return refused(...placedAt('settings.refreshEvery', refreshEvery.refusals))
  const given = written.kind === 'azure' ? { ...written, subscriptions: lowerCase(written.subscriptions) } : written
  // Members that were left out are gone in JSON, which is all that the two types differ in.
  return ok(JSON.parse(JSON.stringify({ ...given, refreshEvery: refreshEvery.value })) as ConnectionSettings)
}

function lowerCase(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase())
}

export function connectionFrom({ connection, inventory }: ConnectionView): WireConnection {
  const { id, name, settings, hasSecret, version, createdAt, updatedAt } = connection
  const { state, machines, readAt, staleSince, problem, warnings } = inventory
  return {
    id,
    name,
    kind: settings.kind,
    settings: settingsToWire(settings),
    hasSecret,
    version,
    createdAt: formatInstant(createdAt),
    updatedAt: formatInstant(updatedAt),
    inventory: {
      state,
      machines,
      ...(readAt !== undefined && { readAt: formatInstant(readAt) }),
      ...(staleSince !== undefined && { staleSince: formatInstant(staleSince) }),
      ...(problem !== undefined && { problem }),
      warnings: warnings.map(({ code, message, facts }) => ({ code, message, ...(facts !== undefined && { facts }) })),
    },
  }
}

function settingsToWire(settings: ConnectionSettings): WireConnectionSettings {
  const refreshEvery = formatDuration(settings.refreshEvery)
  return { ...settings, refreshEvery } as WireConnectionSettings // the same members; its lists are only read
}

export function checkFrom(check: ConnectionCheck): WireConnectionCheck {
  return { ...check }
}
