/**
 * The one-time command that enrols a host. The host is on record before there is a token for it; of the token a hash alone
 * is kept, and it is told to nobody but the caller. Whoever runs the command becomes that host: certificates that it had
 * before are refused from then on.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { AgentDoor, App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import { newHost, type Host, type HostId } from '../../domain/hosts/host.ts'
import { parseGateway } from '../../domain/hosts/gateway.ts'
import { hostMachineId, parseValidity } from '../../domain/hosts/judge-host.ts'
import { issuesOfLabels, pairsOf, type Labels } from '../../domain/policy/label-selector.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { ENROLL_HOST, WRITE_HOST } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'

export interface InviteInput {
  readonly name: string
  /** These three of a host that is new: one that is there keeps its own. */
  readonly kind?: Host['kind']
  readonly labels?: Labels
  readonly gateway?: NonNullable<Host['gateway']>
  /** ISO-8601. */
  readonly validFor: string
  readonly caller: Caller
}

export interface Invitation {
  readonly host: Host
  readonly token: string
  readonly until: Instant
  readonly door: AgentDoor
}

export function inviteHost(app: App, input: InviteInput): Promise<Result<Invitation>> {
  const { name, caller } = input
  const id = hostMachineId(app.installation, name)
  const write = { action: 'host.refused', target: id.ok ? id.value : name, caller, facts: { what: 'enroll' } } as const
  return refusalOnRecord(app, write, invite(app, input))
}

async function invite(app: App, input: InviteInput): Promise<Result<Invitation>> {
  const id = hostMachineId(app.installation, input.name)
  if (!id.ok) return id
  const needs = [ENROLL_HOST, ...(writesMore(input) ? [WRITE_HOST] : [])]
  const denied = await authorize(
    app,
    input.caller,
    needs.map((anyOf) => ({ anyOf, scope: id.value })),
  )
  if (denied.length > 0) return refused(...denied)
  const validity = parseValidity(input.validFor)
  const issues = [...(validity.ok ? [] : validity.refusals), ...issuesOf(input)]
  if (!validity.ok || issues.length > 0) return refused(...issues)
  const { agents: door } = app
  if (door === undefined) return refused(refusal('NoAgentListener', NO_LISTENER))
  const { text: token, hash } = door.authority.newToken()
  const until = app.clock.now() + validity.value
  const written = await app.store.transaction(async (tx): Promise<Result<Host>> => {
    const host = await hostFor(app, tx, { ...input, id: id.value })
    if (!host.ok) return host
    await tx.hosts.addToken({ hash, host: host.value.id, until, usedAt: undefined })
    await tx.append([invitedEvent(app, input.caller, host.value, until)])
    return host
  })
  if (!written.ok) return written
  await app.hosts.sync()
  return ok({ host: written.value, token, until, door })
}

const NO_LISTENER =
  'this server takes no agents: start it with --agent-listen HOST:PORT, an address that hosts can reach'

function writesMore({ kind, labels, gateway }: InviteInput): boolean {
  return kind !== undefined || labels !== undefined || gateway !== undefined
}

function issuesOf({ kind, labels = {}, gateway }: InviteInput): Refusal[] {
  const place = gateway === undefined ? undefined : parseGateway({ ...gateway, machines: [] })
  return [
    ...issuesOfLabels(labels, 'labels'),
    ...(place?.ok === false ? place.refusals : []),
    ...(gateway !== undefined && kind !== 'gateway'
      ? [refusal('InvalidGateway', "only a gateway has gateway settings; write kind 'gateway' too", 'gateway')]
      : []),
  ]
}

async function hostFor(app: App, tx: Tx, input: InviteInput & { readonly id: ResourceId }): Promise<Result<Host>> {
  const { id, name, kind, labels, gateway } = input
  await tx.hosts.change()
  const existing = await tx.hosts.find(resourceKey(id))
  if (existing !== undefined) {
    const other = kind !== undefined && kind !== existing.kind
    const message = `${existing.name} is a ${existing.kind} already; to make it a ${kind}, remove it first`
    const reason = withFacts(refusal('HostConflict', message, 'kind'), { [existing.kind]: existing.name })
    return other ? refused(reason) : ok(existing)
  }
  if (app.inventory.find(resourceKey(id)) !== undefined) {
    const message = `there is a machine called ${name} already that is none of the hosts, such as the server's own; take another name`
    return refused(withFacts(refusal('HostConflict', message, 'name'), { name }))
  }
  const host = newHost({
    id: app.uuid() as HostId, // a fresh one
    machine: id,
    name,
    createdAt: app.clock.now(),
    ...(kind !== undefined && { kind }),
    ...(labels !== undefined && { labels }),
    ...(gateway !== undefined && { gateway }),
  })
  return (await tx.hosts.put(host))
    ? ok(host)
    : refused(refusal('HostConflict', 'it was made at the same moment; repeat'))
}

function invitedEvent(app: App, caller: Caller, { machine, kind, labels, generation }: Host, until: Instant) {
  const facts = { kind, labels: pairsOf(labels), generation, goodUntil: formatInstant(until) }
  return {
    at: app.clock.now(),
    action: 'host.invited' as const,
    actor: actorOf(caller),
    address: caller.address,
    target: machine,
    data: toldBy(caller, facts),
  }
}
