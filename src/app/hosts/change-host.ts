/**
 * Changing what is written of a host: its labels, how a gateway is reached from outside, what is behind it, and whether it
 * is trusted. What the host itself tells is not changed here.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { Tx } from '../ports/store.ts'
import { followSelectors, policiesLosing } from '../policies/follow-selectors.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { hostNotFound, hostView, type HostView } from './show-hosts.ts'
import { toldBy } from '../audit/told-by.ts'
import type { AuditFacts } from '../../domain/audit/audit-facts.ts'
import { parseGateway } from '../../domain/hosts/gateway.ts'
import type { Host, MachineBehind } from '../../domain/hosts/host.ts'
import { hostMachineId, parseMachineBehind } from '../../domain/hosts/judge-host.ts'
import { issuesOfLabels, pairsOf, type Labels } from '../../domain/policy/label-selector.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { ENROLL_HOST, WRITE_HOST, WRITE_POLICY, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'

export interface HostChange {
  readonly name: string
  readonly caller: Caller
  /** The ETag the caller last saw; without it the last write wins. */
  readonly ifMatch?: string
}

/** Policies that choose machines by label follow. One that would lose this host is edited by it, which needs that right too. */
export async function setLabels(app: App, input: HostChange & { readonly labels: Labels }): Promise<Result<HostView>> {
  const { labels } = input
  const changed = await change(app, input, {
    needed: WRITE_HOST,
    what: 'labels',
    before: (host) => mayLose(app, input, host),
    write: (host) => {
      const issues = issuesOfLabels(labels, 'labels')
      return issues.length > 0 ? refused(...issues) : ok({ ...host, labels })
    },
    facts: (host) => ({ labels: pairsOf(host.labels) }),
  })
  if (changed.ok) await followSelectors(app, input.caller)
  return changed
}

async function mayLose(
  app: App,
  { labels, caller }: HostChange & { readonly labels: Labels },
  { key, behind }: Host,
): Promise<readonly Refusal[]> {
  const keys = new Set([key, ...behind.map(({ id }) => resourceKey(id))])
  const losing = await policiesLosing(app, keys, labels)
  return authorize(
    app,
    caller,
    losing.map(({ id }) => ({ anyOf: WRITE_POLICY, scope: id })),
  )
}

export type GatewayPlace = NonNullable<Host['gateway']>

export function setGateway(
  app: App,
  input: HostChange & { readonly gateway: GatewayPlace },
): Promise<Result<HostView>> {
  const { gateway } = input
  return change(app, input, {
    needed: WRITE_HOST,
    what: 'gateway',
    write: (host) => judged({ ...host, gateway }),
    facts: (host) => ({ gateway: host.gateway ?? null }),
  })
}

export function putMachineBehind(
  app: App,
  input: HostChange & { readonly machine: string; readonly written: Pick<MachineBehind, 'addresses' | 'os'> },
): Promise<Result<HostView>> {
  return change(app, input, {
    needed: WRITE_HOST,
    what: 'machine',
    write: async (host, tx) => {
      const id = hostMachineId(app.installation, input.machine)
      if (!id.ok) return id
      const machine = parseMachineBehind({ id: id.value, ...input.written })
      if (!machine.ok) return machine
      const taken = await takenBy(app, tx, id.value, host)
      if (taken !== undefined) return refused(refusal('HostConflict', taken, 'machineName'))
      return judged({ ...host, behind: [...withoutMachine(host, id.value), machine.value] })
    },
    facts: (host) => ({ machines: host.behind.map(({ id, addresses, os }) => ({ id, addresses, os })) }),
  })
}

/** False when it was not there. */
export async function removeMachineBehind(
  app: App,
  input: HostChange & { readonly machine: string; readonly force: boolean },
): Promise<Result<boolean>> {
  let isThere = false
  const changed = await change(app, input, {
    needed: WRITE_HOST,
    what: 'machine',
    write: async (host, tx) => {
      const id = hostMachineId(app.installation, input.machine)
      if (!id.ok) return id
      const key = resourceKey(id.value)
      isThere = host.behind.some((machine) => resourceKey(machine.id) === key)
      const policies = isThere && !input.force ? await tx.policiesCovering([key]) : []
      if (policies.length > 0)
        return refused(
          inUse(
            input.machine,
            policies.map((policy) => policy.name),
          ),
        )
      return ok({ ...host, behind: withoutMachine(host, id.value) })
    },
    facts: (host) => ({ machines: host.behind.map(({ id, addresses, os }) => ({ id, addresses, os })) }),
  })
  return changed.ok ? ok(isThere) : changed
}

/** Whoever may let a host in may also shut it out. */
export async function revokeHost(app: App, input: HostChange): Promise<Result<HostView>> {
  const changed = await change(app, input, {
    needed: ENROLL_HOST,
    what: 'revoke',
    action: 'host.revoked',
    write: (host) => ok({ ...host, certificates: [], revokedAt: app.clock.now(), revokedBecause: 'administrator' }),
    facts: ({ generation }) => ({ generation }),
  })
  if (changed.ok) app.agents?.links.cut(changed.value.host.id, 'HostRevoked', 'an administrator revoked this host')
  return changed
}

export function inUse(name: string, policies: readonly string[]) {
  const some = policies.slice(0, 5).join(', ')
  const message = `policies name ${name}: ${some}; take it out of them first, or remove it by force: what they opened is taken back, and its ports stay closed until the agent is uninstalled`
  return withFacts(refusal('HostInUse', message), { name, policies: some })
}

interface Write {
  readonly needed: ActionChoice
  readonly what: string
  readonly action?: 'host.changed' | 'host.revoked'
  /** What else the caller needs, by the host as it is. */
  readonly before?: (host: Host) => Promise<readonly Refusal[]>
  /** The host as it shall be, but for its version. */
  readonly write: (host: Host, tx: Tx) => Result<Host> | Promise<Result<Host>>
  readonly facts: (host: Host) => AuditFacts
}

function change(app: App, input: HostChange, write: Write): Promise<Result<HostView>> {
  const { name, caller } = input
  const id = hostMachineId(app.installation, name)
  const refusedWrite = { action: 'host.refused', target: id.ok ? id.value : name, caller } as const
  return refusalOnRecord(app, { ...refusedWrite, facts: { what: write.what } }, changeNow(app, input, write))
}

async function changeNow(app: App, input: HostChange, write: Write): Promise<Result<HostView>> {
  const id = hostMachineId(app.installation, input.name)
  if (!id.ok) return id
  const denied = await authorize(app, input.caller, [{ anyOf: write.needed, scope: id.value }])
  if (denied.length > 0) return refused(...denied)
  const known = await app.store.reads.hosts.find(resourceKey(id.value))
  const more = known === undefined ? [] : await write.before?.(known)
  if (more !== undefined && more.length > 0) return refused(...more)
  const written = await app.store.transaction(async (tx): Promise<Result<Host>> => {
    await tx.hosts.change()
    const before = await tx.hosts.find(resourceKey(id.value))
    if (before === undefined) return refused(hostNotFound(input.name))
    if (input.ifMatch !== undefined && input.ifMatch !== '*' && input.ifMatch !== hostEtag(before))
      return refused(refusal('PreconditionFailed', `host ${before.name} has changed since you read it; read it again`))
    const after = await write.write(before, tx)
    if (!after.ok) return after
    const host = { ...after.value, version: before.version + 1 }
    if (!(await tx.hosts.put(host)))
      return refused(refusal('HostConflict', 'it was changed at the same moment; repeat'))
    await tx.append([changedEvent(app, input.caller, write, { before, after: host })])
    return ok(host)
  })
  if (!written.ok) return written
  await app.hosts.sync()
  return ok(hostView(app, written.value))
}

/** Changes with every write. */
export function hostEtag({ version, createdAt }: Pick<Host, 'version' | 'createdAt'>): string {
  return `"${createdAt}.${version}"`
}

function judged(host: Host): Result<Host> {
  if (host.kind !== 'gateway') {
    const message = `${host.name} is a host and no gateway: nothing is behind it; enrol a gateway with: sallyport host enroll NAME --gateway`
    return refused(refusal('InvalidGateway', message))
  }
  const gateway = parseGateway({ ...(host.gateway ?? NO_ADDRESS), machines: host.behind })
  return gateway.ok ? ok(host) : gateway
}

const NO_ADDRESS: GatewayPlace = { publicAddresses: [], mappedPorts: { from: 40_000, to: 49_999 }, snat: false }

function withoutMachine({ behind }: Host, id: ResourceId): MachineBehind[] {
  return behind.filter((machine) => resourceKey(machine.id) !== resourceKey(id))
}

async function takenBy(app: App, tx: Tx, id: ResourceId, host: Host): Promise<string | undefined> {
  const key = resourceKey(id)
  const all = await tx.hosts.all()
  const owner = all.find(
    (each) => each.key === key || (each.id !== host.id && withoutMachine(each, id).length < each.behind.length),
  )
  if (owner?.key === key) return 'a host that runs the agent has this name; take another'
  if (owner !== undefined) return `it is behind gateway ${owner.name} already; remove it there first`
  const isOurs = host.behind.some((machine) => resourceKey(machine.id) === key)
  return !isOurs && app.inventory.find(key) !== undefined
    ? 'there is a machine of this name already; take another'
    : undefined
}

function changedEvent(
  app: App,
  caller: Caller,
  { facts, what, action = 'host.changed' }: Write,
  { before, after }: { readonly before: Host; readonly after: Host },
) {
  return {
    at: app.clock.now(),
    action,
    actor: actorOf(caller),
    address: caller.address,
    target: after.machine,
    data: toldBy(caller, { what, before: facts(before), after: facts(after) }),
  }
}
