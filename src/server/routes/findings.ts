/** What a person should look at, with a sentence for each. */
import type { App } from '../../app/app.ts'
import { listFindings, type Finding } from '../../app/convergence/list-findings.ts'
import type { WireFinding, WireFindingList } from '../../contract/finding.ts'
import { farEnd, flowText } from '../../domain/access/flow.ts'
import { formatInstant } from '../../domain/time.ts'
import { answered } from '../answer.ts'
import type { Handlers } from '../call.ts'
import { wireSentence } from '../wire/sentence-wire.ts'

export function findingRoutes(app: App): Pick<Handlers, 'Findings_List'> {
  return {
    Findings_List: async ({ caller }) => {
      const list: WireFindingList = { value: (await listFindings(app, caller)).map(findingFrom) }
      return answered(list)
    },
  }
}

function findingFrom(finding: Finding): WireFinding {
  const { kind, point } = finding
  const at = { kind, point, machines: [...finding.machines] }
  switch (finding.kind) {
    case 'drift': {
      const { since, by, steps } = finding.drift
      const who = by.length === 0 ? 'somebody else' : by.join(', ')
      return {
        ...at,
        text: `${who} changed it; to put right: ${steps.map(({ text }) => text).join('; ')}`,
        since: formatInstant(since),
        steps: steps.map(({ text }) => text),
        told: steps.map(wireSentence),
        by: [...by],
      }
    }
    case 'failing': {
      const { failures, reason, nextTryAt } = finding
      const text = `could not be brought to what it should be, ${failures === 1 ? 'once' : `${failures} times in a row`}: ${reason}`
      return { ...at, text, reason, failures, ...(nextTryAt !== undefined && { nextTryAt: formatInstant(nextTryAt) }) }
    }
    case 'overdue': {
      const { grants, since } = finding
      const text = `${grants} ${grants === 1 ? 'grant has' : 'grants have'} ended and ${grants === 1 ? 'was' : 'were'} not seen closed`
      return { ...at, text, grants, since: formatInstant(since) }
    }
    case 'stale': {
      const { reason, since, known } = finding
      return {
        ...at,
        text: `its machines cannot be read: ${reason}; the known ones (${known}) stay protected`,
        reason,
        since: formatInstant(since),
      }
    }
    case 'outlived': {
      const { flow, requestor } = finding
      const who = requestor === undefined ? '' : `, let in by the request of ${requestor}`
      const text = `still connected although the access has ended: ${flowText(flow)}${who}`
      const connected = { from: farEnd(flow), port: `${flow.port}/${flow.protocol}` }
      return { ...at, text, connected: { ...connected, ...(requestor !== undefined && { requestor }) } }
    }
    case 'unreachable': {
      const { since, unproven, reason } = finding
      const text = `nobody hears from its agent: what is protected stays so and what is open ends by itself, but nothing can be opened or closed early${unprovenText(unproven)}${reason === undefined ? '' : `; ${reason}`}`
      const more = { ...(unproven > 0 && { grants: unproven }), ...(reason !== undefined && { reason }) }
      return { ...at, text, since: formatInstant(since), ...more }
    }
    case 'vanished':
      return { ...at, text: 'a policy names it, and there is no such machine any more; take it out of the policy' }
  }
}

function unprovenText(grants: number): string {
  if (grants === 0) return ''
  return `; ${grants} ${grants === 1 ? 'grant has' : 'grants have'} ended, not yet proven closed`
}
