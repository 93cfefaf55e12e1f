/**
 * The facts of an audit event in one line of a table, for a person: what matters, in words instead of JSON. The other
 * formats have all of it.
 */
import type { WireAuditEvent } from '../../contract/audit-event.ts'
import { shortName } from '../names/directory.ts'
import type { NameOf } from './machine-names.ts'

/** They tie events together for programs, or repeat what other columns and facts say. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['actorId', 'correlation', 'session', 'message'])
const LONGEST = 160
const RESOURCE = '/subscriptions/'

/** `port=22 sources=10.0.0.0/8,192.0.2.1`, cut where it would fill the screen. */
export function auditFactsText(data: WireAuditEvent['data'], nameOf: NameOf = shortName): string {
  const facts = Object.entries(data).flatMap(([name, value]) => {
    const text = FOR_PROGRAMS.has(name) || value === 'UserRequested' ? '' : textOf(value, nameOf)
    return text === '' ? [] : [`${name}=${/\s/.test(text) ? `"${text}"` : text}`]
  })
  const text = facts.join(' ')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

/** Every resource that an event speaks of: its target, and those in its facts. */
export function resourcesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith(RESOURCE) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(resourcesIn) : []
}

function textOf(value: unknown, nameOf: NameOf): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.map((one) => textOf(one, nameOf)).join(',')
  if (typeof value === 'object') return objectText(value as Readonly<Record<string, unknown>>, nameOf) // a plain object of JSON
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.startsWith(RESOURCE)) return nameOf(text)
  return text.replace(/^([\d-]+T[\d:]+)\.\d+Z$/, '$1Z')
}

/** A refusal by its code, a machine with its ports, a port by its number; anything else by what it is made of. */
function objectText(value: Readonly<Record<string, unknown>>, nameOf: NameOf): string {
  const { code, id, ports, number } = value
  if (typeof code === 'string') return code
  if (typeof number === 'number') return String(number)
  if (typeof id === 'string') {
    const name = textOf(id, nameOf)
    return Array.isArray(ports) ? `${name}:${ports.map((port) => textOf(port, nameOf)).join('+')}` : name
  }
  return Object.entries(value)
    .map(([name, part]) => `${name}:${textOf(part, nameOf)}`)
    .join(',')
}
