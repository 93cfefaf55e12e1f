/** Which part of the audit trail: the options that listing and exporting share. */
import { Option, type Command } from 'commander'
import { AUDIT_OUTCOMES } from '../../domain/audit/audit-catalogue.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { Client } from '../calls/client.ts'
import { findMachine } from '../names/directory.ts'
import { refusedInput } from '../failure.ts'
import { parseSince } from '../times.ts'

export interface AuditOptions {
  readonly since?: string
  readonly until?: string
  readonly by?: string
  readonly machine?: string
  readonly request?: string
  readonly target?: string
  readonly action?: string
  readonly outcome?: string
}

export function withAuditOptions(command: Command): Command {
  return command
    .option('--until <time>', 'before then: 1h, 2026-01-31T18:00:00Z')
    .option('--by <person>', 'only what this person or principal did')
    .option('-m, --machine <machine>', 'only about this machine: a name, or its resource id')
    .option('--request <id>', 'only of this request')
    .option('--target <id>', 'only on this resource id or enforcement point')
    .option('--action <action>', 'only this, such as access.opened; several with commas')
    .addOption(new Option('--outcome <outcome>', 'only what ended like this').choices([...AUDIT_OUTCOMES]))
}

export async function auditQueryOf(
  { since, until, by, machine, request, target, action, outcome }: AuditOptions,
  { client, now }: { readonly client: Client; readonly now: Instant },
): Promise<Record<string, string | undefined>> {
  return {
    since: instantOf('--since', since, now),
    until: instantOf('--until', until, now),
    actor: by,
    machine: await machineOf(machine, client),
    request,
    target,
    action,
    outcome,
  }
}

function instantOf(option: string, text: string | undefined, now: Instant): string | undefined {
  if (text === undefined) return undefined
  const instant = parseSince(text, now)
  if (instant.ok) return formatInstant(instant.value)
  throw refusedInput(`${option} is not as expected`, instant.refusals)
}

/** A machine that is gone still has a history under its id. */
async function machineOf(typed: string | undefined, client: Client): Promise<string | undefined> {
  if (typed === undefined || typed.startsWith('/')) return typed
  return (await findMachine(client, typed)).id
}
