/** Hosts that run the agent: invited, shown, labelled, revoked, forgotten; and the machines behind gateways. */
import type { App } from '../../app/app.ts'
import {
  hostEtag,
  putMachineBehind,
  removeMachineBehind,
  revokeHost,
  setGateway,
  setLabels,
  type HostChange,
} from '../../app/hosts/change-host.ts'
import { inviteHost, type InviteInput } from '../../app/hosts/invite-host.ts'
import { removeHost } from '../../app/hosts/remove-host.ts'
import { hostLogs, hostView, listHosts, showHost, type HostView } from '../../app/hosts/show-hosts.ts'
import type { WireHostList } from '../../contract/host.ts'
import { parseSelector, type Labels } from '../../domain/policy/label-selector.ts'
import { ok, type Result } from '../../domain/refusal.ts'
import { answered, type Answer } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { enrollmentFrom, gatewayToDomain, hostFrom, logsFrom } from '../wire/host-wire.ts'
import { ENTRIES_A_PAGE, nextLink } from '../input/page.ts'

type HostRoutes = Pick<Handlers, Extract<keyof Handlers, `Hosts_${string}`>>

const LOG_LINES = 100

export function hostRoutes(app: App): HostRoutes {
  return {
    Hosts_List: (call) => listAnswer(app, call),
    Hosts_Get: async ({ params: { hostName }, caller }) => shown(await showHost(app, hostName, caller)),
    Hosts_Enroll: (call) => enrollAnswer(app, call),
    Hosts_SetLabels: async (call) => shown(await setLabels(app, { ...changeOf(call), labels: call.body.labels })),
    Hosts_SetGateway: async (call) =>
      shown(await setGateway(app, { ...changeOf(call), gateway: gatewayToDomain(call.body) })),
    Hosts_Revoke: async (call) => shown(await revokeHost(app, changeOf(call))),
    Hosts_Remove: async ({ params: { hostName: name }, query, caller }) =>
      removed(await removeHost(app, { name, force: query.force === true, caller })),
    Hosts_Logs: async ({ params: { hostName: name }, query: { lines = LOG_LINES }, caller }) => {
      const logs = await hostLogs(app, { name, lines, caller })
      return logs.ok ? answered(logsFrom(logs.value)) : refusedAnswer(logs.refusals)
    },
    Hosts_PutMachine: async (call) =>
      shown(await putMachineBehind(app, { ...changeOf(call), machine: call.params.machineName, written: call.body })),
    Hosts_RemoveMachine: async (call) => {
      const force = call.query.force === true
      return removed(await removeMachineBehind(app, { ...changeOf(call), machine: call.params.machineName, force }))
    },
  }
}

async function listAnswer(app: App, { query, caller, base, url }: Call<'Hosts_List'>): Promise<Answer> {
  const { top, after, search, state } = query
  const selector: Result<Labels | undefined> =
    query.selector === undefined ? ok(undefined) : parseSelector(query.selector)
  if (!selector.ok) return refusedAnswer(selector.refusals)
  const filter = {
    ...(search !== undefined && { search }),
    ...(state !== undefined && { state }),
    ...(selector.value !== undefined && { selector: selector.value }),
  }
  const page = { limit: top ?? ENTRIES_A_PAGE, ...(after !== undefined && { after }) }
  const { items, next } = await listHosts(app, caller, { filter, page })
  const list: WireHostList = {
    value: items.map(hostFrom),
    ...(next !== undefined && { nextLink: nextLink(base, url, 'after', next) }),
  }
  return answered(list)
}

async function enrollAnswer(
  app: App,
  { params: { hostName: name }, body, caller }: Call<'Hosts_Enroll'>,
): Promise<Answer> {
  const { kind, labels, gateway, validFor } = body
  const input: InviteInput = {
    name,
    caller,
    validFor,
    ...(kind !== undefined && { kind }),
    ...(labels !== undefined && { labels }),
    ...(gateway !== undefined && { gateway: gatewayToDomain(gateway) }),
  }
  const invited = await inviteHost(app, input)
  if (!invited.ok) return refusedAnswer(invited.refusals)
  return answered(enrollmentFrom(invited.value, hostView(app, invited.value.host)))
}

function changeOf({
  params: { hostName: name },
  caller,
  header,
}: Pick<Call<'Hosts_Get'>, 'params' | 'caller' | 'header'>): HostChange {
  const ifMatch = header('if-match')
  return { name, caller, ...(ifMatch !== undefined && { ifMatch }) }
}

function shown(view: Result<HostView>): Answer {
  if (!view.ok) return refusedAnswer(view.refusals)
  return answered(hostFrom(view.value), { etag: hostEtag(view.value.host) })
}

function removed(result: Result<boolean>): Answer {
  return result.ok ? { status: result.value ? 200 : 204 } : refusedAnswer(result.refusals)
}
