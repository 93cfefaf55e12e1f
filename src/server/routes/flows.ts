/** Who is connected by what was granted. */
import type { App } from '../../app/app.ts'
import { listFlows, type FlowsAsked, type FlowView } from '../../app/requests/list-flows.ts'
import type { WireFlow, WireFlowList } from '../../contract/flow.ts'
import type { RequestId } from '../../domain/access/grant.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { parseResourceId } from '../../domain/resource-id.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered } from '../answer.ts'
import type { Call, Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'

export function flowRoutes(app: App): Pick<Handlers, 'Flows_List'> {
  return {
    Flows_List: async ({ query, caller }) => {
      const asked = askedFrom(query)
      const told = asked.ok ? await listFlows(app, asked.value, caller) : asked
      if (!told.ok) return refusedAnswer(told.refusals)
      const { flows, untold } = told.value
      const list: WireFlowList = { value: flows.map(flowFrom), untold: [...untold] }
      return answered(list)
    },
  }
}

function askedFrom({ machine, request }: Call<'Flows_List'>['query']): Result<FlowsAsked> {
  const id = machine === undefined ? undefined : parseResourceId(machine)
  if (id !== undefined && !id.ok) return refused(...id.refusals.map((reason) => ({ ...reason, target: 'machine' })))
  return ok({
    ...(id !== undefined && { machine: id.value }),
    ...(request !== undefined && { request: request as RequestId }), // any text may be asked for
  })
}

function flowFrom({ flow, machine, isLetIn, by }: FlowView): WireFlow {
  const { protocol, from, fromPort, to, port, since } = flow
  return {
    machine,
    protocol,
    from,
    fromPort,
    to,
    port,
    ...(since !== undefined && { since: formatInstant(since) }),
    state: isLetIn ? 'open' : 'ended',
    grants: by.map(({ grant, requestor }) => ({ request: grant.request, grant: grant.grant, requestor })),
  }
}
