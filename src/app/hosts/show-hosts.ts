/** Hosts that run the agent, to each caller those it may read; what their agents said of them, and the newest of their logs. */
import type { App } from '../app.ts'
import { authorize, rightsOf } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { AgentLogLine, HostTelling } from '../ports/hosts.ts'
import { found, type CheckWords } from '../../domain/check.ts'
import type { Host } from '../../domain/hosts/host.ts'
import { hostMachineId } from '../../domain/hosts/judge-host.ts'
import { isChosen, type Labels } from '../../domain/policy/label-selector.ts'
import { briefly, ok, quoted, refusal, refused, withFacts, type Result } from '../../domain/refusal.ts'
import { READ_HOST, READ_HOST_LOGS, type ActionChoice } from '../../domain/roles/required-actions.ts'
import { resourceKey } from '../../domain/resource-id.ts'
import type { Instant, Millis } from '../../domain/time.ts'

export type HostState = 'neverEnrolled' | 'enrolled' | 'connected' | 'unreachable' | 'revoked'

export interface HostView {
  readonly host: Host
  readonly state: HostState
  readonly unreachableSince: Instant | undefined
  readonly telling: HostTelling
  /** A sentence, when the server has another version of the agent than the host. */
  readonly upgrade: Pick<CheckWords, 'text' | 'because'> | undefined
}

export interface HostFilter {
  /** Part of the name, without regard to case. */
  readonly search?: string
  readonly selector?: Labels
  readonly state?: HostState
}

type Ground = Pick<App, 'hosts' | 'agents'>

export async function listHosts(
  app: App,
  caller: Caller,
  { filter, page }: { readonly filter: HostFilter; readonly page: { readonly after?: string; readonly limit: number } },
): Promise<{ readonly items: readonly HostView[]; readonly next?: string }> {
  const rights = await rightsOf(app, caller)
  const all = await app.store.reads.hosts.all()
  const after = page.after?.toLowerCase()
  const found = all
    .filter(({ name }) => after === undefined || name.toLowerCase() > after)
    .filter(({ machine }) => rights.may(READ_HOST, machine))
    .filter((host) => matches(app, host, filter))
  const items = found.slice(0, page.limit).map((host) => hostView(app, host))
  const last = items.at(-1)?.host.name
  return found.length > items.length && last !== undefined ? { items, next: last } : { items }
}

function matches(app: Ground, host: Host, { search, selector, state }: HostFilter): boolean {
  return (
    (search === undefined || host.name.toLowerCase().includes(search.toLowerCase())) &&
    (selector === undefined || isChosen(host.labels, selector)) &&
    (state === undefined || stateOf(app, host) === state)
  )
}

export async function showHost(app: App, name: string, caller: Caller): Promise<Result<HostView>> {
  const found = await findHost(app, { needed: READ_HOST, name, caller })
  return found.ok ? ok(hostView(app, found.value)) : found
}

const LOG_DEADLINE: Millis = 10_000

export async function hostLogs(
  app: App,
  { name, lines, caller }: { readonly name: string; readonly lines: number; readonly caller: Caller },
): Promise<Result<readonly AgentLogLine[]>> {
  const found = await findHost(app, { needed: READ_HOST_LOGS, name, caller })
  if (!found.ok) return found
  const { id } = found.value
  if (app.agents === undefined || stateOf(app, found.value) !== 'connected') return refused(notHere(app, found.value))
  try {
    return ok(await app.agents.links.logs(id, lines, AbortSignal.timeout(LOG_DEADLINE)))
  } catch (cause) {
    app.log.warn({ host: name, cause }, 'the log of a host could not be read')
    const why = cause instanceof Error ? cause.message : String(cause)
    const reason = refusal('HostUnreachable', `host ${name} did not tell its log: ${why}`)
    return refused(withFacts(reason, { name, problem: briefly(why) }))
  }
}

function notHere(app: Ground, host: Host) {
  const isElsewhere = stateOf(app, host) === 'connected'
  const where = isElsewhere ? 'its agent is connected to another replica: ask that one' : 'its agent is not connected'
  const reason = refusal('HostUnreachable', `host ${host.name} cannot be asked for its log: ${where}`)
  return withFacts(reason, isElsewhere ? { elsewhere: host.name } : { away: host.name })
}

interface FindHost {
  readonly needed: ActionChoice
  readonly name: string
  readonly caller: Caller
}

/** Refused alike whether it is there or not, to who may not know. */
async function findHost(app: App, { needed, name, caller }: FindHost): Promise<Result<Host>> {
  const id = hostMachineId(app.installation, name)
  if (!id.ok) return id
  const denied = await authorize(app, caller, [{ anyOf: needed, scope: id.value }])
  if (denied.length > 0) return refused(...denied)
  const host = await app.store.reads.hosts.find(resourceKey(id.value))
  return host === undefined ? refused(hostNotFound(name)) : ok(host)
}

export function hostNotFound(name: string) {
  const message = `there is no host ${quoted(name)}; list them with: sallyport host list`
  return withFacts(refusal('HostNotFound', message), { name: briefly(name) })
}

export function hostView(app: Ground, host: Host): HostView {
  const telling = app.hosts.tellingOf(host)
  const state = stateOf(app, host)
  const unreachableSince = state === 'unreachable' ? host.goneAt : undefined
  return { host, state, unreachableSince, telling, upgrade: upgradeOf(app, telling) }
}

function stateOf({ hosts }: Pick<App, 'hosts'>, host: Host): HostState {
  const { id, revokedAt, generation, servedBy, goneAt } = host
  if (revokedAt !== undefined) return 'revoked'
  if (generation === 0) return 'neverEnrolled'
  if (servedBy !== undefined || hosts.isConnectedHere(id)) return 'connected'
  return goneAt === undefined ? 'enrolled' : 'unreachable'
}

function upgradeOf({ agents }: Pick<App, 'agents'>, { agentVersion }: HostTelling): HostView['upgrade'] {
  const recommended = agents?.recommendedVersion
  if (recommended === undefined || agentVersion === undefined || agentVersion === recommended) return undefined
  return found('AgentDiffers', { has: agentVersion, recommended })
}
