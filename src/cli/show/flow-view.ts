/** Who is connected by what was granted, as people read it. */
import type { WireFlow, WireFlowList } from '../../contract/flow.ts'
import { asPage, having } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'
import { showBelow } from './facts.ts'
import { portText } from './grant-columns.ts'
import { machineNames, type NameOf } from './machine-names.ts'
import type { Column } from './output.ts'
import type { Session } from '../session.ts'
import { formatWireTime } from '../times.ts'

export interface FlowsAsked {
  /** Whole ids. */
  readonly machine?: string | undefined
  readonly request?: string | undefined
}

export async function readFlows(client: Client, query: FlowsAsked): Promise<WireFlowList> {
  const { body } = await client.call({ path: '/api/v1/flows', query: { ...query } })
  asPage(body)
  return having(body, 'value', 'untold') as WireFlowList // by contract
}

/** Below what is shown of a machine or a request; nothing where nobody is connected. */
export async function showFlowsBelow(session: Session, asked: FlowsAsked): Promise<void> {
  if (session.format !== 'table') return
  const { value, untold } = await readFlows(session.client, asked)
  const nameOf = await flowNames(session, { value, untold })
  await showBelow(session, { data: value, rows: value, columns: flowColumns(nameOf) })
  sayUntold(session, untold, nameOf)
}

export function flowNames(session: Session, { value, untold }: WireFlowList): Promise<NameOf> {
  return machineNames(
    session,
    [...value, ...untold].map(({ machine }) => machine),
  )
}

export function sayUntold(session: Session, untold: WireFlowList['untold'], nameOf: NameOf): void {
  for (const { machine, reason } of untold) session.say(`Who is connected to ${nameOf(machine)}: ${reason}.`)
}

export function flowColumns(nameOf: NameOf): readonly Column<WireFlow>[] {
  return [
    { title: 'CONNECTED', text: ({ from, fromPort }) => `${from.includes(':') ? `[${from}]` : from}:${fromPort}` },
    { title: 'MACHINE', text: ({ machine }) => nameOf(machine), raw: ({ machine }) => machine },
    { title: 'PORT', text: ({ port, protocol }) => portText(port, protocol) },
    {
      title: 'ACCESS',
      text: ({ state }) => (state === 'open' ? 'open' : 'ended'),
      colour: ({ state }) => (state === 'ended' ? 'yellow' : undefined),
    },
    {
      title: 'BY',
      text: ({ grants }) => [...new Set(grants.map(({ requestor }) => requestor))].join(', '),
      raw: ({ grants }) => grants.map(({ requestor }) => requestor).join(','),
    },
    {
      title: 'SINCE',
      text: ({ since }, view) => (since === undefined ? '' : formatWireTime(since, view)),
      raw: ({ since }) => since ?? '',
    },
  ]
}
