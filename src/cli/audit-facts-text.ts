/**
 * The facts of an audit event in one line of a table, for a person: what matters, in words instead of JSON. The other
 * formats have all of it.
 */
import type { WireAuditEvent } from '../contract/audit-event.ts'
import { shortName } from './directory.ts'

/** They tie events together for programs, or repeat what other columns and facts say. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['actorId', 'correlation', 'session', 'message'])
const LONGEST = 160

/** `port=22 sources=10.0.0.0/8,192.0.2.1`, cut where it would fill the screen. */
export function auditFactsText(data: WireAuditEvent['data']): string {
  const facts = Object.entries(data).flatMap(([name, value]) => {
    const text = FOR_PROGRAMS.has(name) || value === 'UserRequested' ? '' : textOf(value)
    return text === '' ? [] : [`${name}=${/\s/.test(text) ? `"${text}"` : text}`]
  })
  const text = facts.join(' ')
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object') return nameOf(value as Readonly<Record<string, unknown>>) // a plain object of JSON
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.startsWith('/subscriptions/')) return shortName(text)
  return text.replace(/^([\d-]+T[\d:]+)\.\d+Z$/, '$1Z')
}

/** A refusal by its code, a machine with its ports, a port by its number; anything else by what it is made of. */
function nameOf(value: Readonly<Record<string, unknown>>): string {
  const { code, id, ports, number } = value
  if (typeof code === 'string') return code
  if (typeof number === 'number') return String(number)
  if (typeof id === 'string') return Array.isArray(ports) ? `${textOf(id)}:${ports.map(textOf).join('+')}` : textOf(id)
  return Object.entries(value)
    .map(([name, part]) => `${name}:${textOf(part)}`)
    .join(',')
}
