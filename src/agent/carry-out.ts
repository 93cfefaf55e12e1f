/** Does what the server asks for, each message by itself; what comes of a document or a look is told by the keeper. */
import type { FromAgent, ToAgent } from '../contract/agent.ts'
import type { Step } from '../app/ports/driver.ts'
import type { Slot } from '../domain/access/hole.ts'
import type { AgentClock } from './agent-clock.ts'
import { sentenceOf, type AgentLog } from './agent-log.ts'
import { NOTHING_NEW, type HostKeeper, type KeeperLook } from './keeper/host-keeper.ts'
import { reasonOnWire } from './keeper/said-on-wire.ts'

export interface CarryOutDeps {
  readonly keeper: Pick<HostKeeper, 'offer' | 'look' | 'foretell' | 'preflight'>
  readonly clock: Pick<AgentClock, 'atLeast'>
  readonly log: AgentLog
  readonly send: (answer: FromAgent) => void
}

/** What can wait until the clock is known. */
export type Order = Exclude<ToAgent, { type: 'clock' | 'bye' }>

export function carryOut(order: Order, deps: CarryOutDeps): void {
  switch (order.type) {
    case 'document':
      return offer(order, deps)
    case 'look':
      return deps.keeper.look(lookFrom(order))
    case 'plan':
      return void plan(order, deps)
    case 'preflight':
      return void preflight(order, deps)
    case 'logs':
      return deps.send(logsFor(order, deps.log))
  }
}

type OrderOf<Type extends Order['type']> = Extract<Order, { type: Type }>

function offer({ document }: OrderOf<'document'>, { keeper, clock, log }: CarryOutDeps): void {
  clock.atLeast(document.sentAt)
  try {
    keeper.offer(document)
  } catch (error) {
    log.error(`the last document stays in force: ${sentenceOf(error)}`)
    keeper.look(NOTHING_NEW)
  }
}

function lookFrom({ ids = [], slots, flows = true }: OrderOf<'look'>): KeeperLook {
  return { scope: slots === undefined ? 'all' : new Set(slots as Slot[]), flows, answers: ids } // as slotOf made them on the server
}

async function plan({ id, document }: OrderOf<'plan'>, { keeper, send }: CarryOutDeps): Promise<void> {
  try {
    const steps = await keeper.foretell(document)
    send({ type: 'plan', id, steps: steps.map(stepOnWire) })
  } catch (error) {
    send({ type: 'plan', id, failure: sentenceOf(error) })
  }
}

async function preflight({ id, ports, caller }: OrderOf<'preflight'>, { keeper, send }: CarryOutDeps): Promise<void> {
  try {
    const refusals = await keeper.preflight({ ports, caller })
    send({ type: 'preflight', id, refusals: refusals.map(reasonOnWire) })
  } catch (error) {
    send({ type: 'preflight', id, failure: sentenceOf(error) })
  }
}

type PlanStep = NonNullable<Extract<FromAgent, { type: 'plan' }>['steps']>[number]

function stepOnWire({ also = [], facts, ...step }: Step): PlanStep {
  const clauses = also.map((clause) => ({ ...clause, facts: { ...clause.facts } }))
  return { ...step, facts: { ...facts }, also: clauses }
}

function logsFor({ id, lines }: OrderOf<'logs'>, log: AgentLog): FromAgent {
  return { type: 'logs', id, lines: log.newest(lines).map((line) => ({ ...line })) }
}
