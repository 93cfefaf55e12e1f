/**
 * The agents that are connected to this replica: hands each the newest document, and whoever waits what the agent says to
 * it. An agent has one connection: a newer one takes over, and two that are both alive are two machines with one key.
 */
import { randomUUID } from 'node:crypto'
import type { SaidStep } from '../../app/ports/driver.ts'
import type { AgentChange, AgentLinks, AgentLogLine, AgentLook, PreflightAsked } from '../../app/ports/hosts.ts'
import type { FromAgent, HostDocument, HostReport, ToAgent } from '../../contract/agent.ts'
import type { HostId } from '../../domain/hosts/host.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Instant } from '../../domain/time.ts'

/** A way to an agent. What it cannot send at once gives way to what is newer. */
export interface AgentConnection {
  readonly fingerprint: string
  /** Of the agent, as it was connected. */
  readonly address: string
  /** When its certificate does. */
  readonly endsAt: Instant
  send(message: ToAgent): void
  /** Says goodbye, then closes. */
  close(bye: Bye): void
  /** When anything came over it last: that it answers is heard too. */
  heardAt(): Instant
  /** Whether something answers at the other end, now. */
  isAlive(): Promise<boolean>
}

export type Bye = Omit<Extract<ToAgent, { type: 'bye' }>, 'type'>

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (cause: Error) => void
}

interface Link {
  readonly connection: AgentConnection
  report: HostReport
  offered: (Waiter<HostReport> & { readonly version: string }) | undefined
  readonly looks: Map<string, Waiter<HostReport>>
  readonly logs: Map<string, Waiter<readonly AgentLogLine[]>>
  readonly plans: Map<string, Waiter<readonly SaidStep[]>>
  readonly preflights: Map<string, Waiter<readonly Refusal[]>>
}

/** How much there was of what, since the start. */
export interface HubCounts {
  readonly documents: number
  readonly reports: number
}

export class AgentHub implements AgentLinks<HostDocument, HostReport> {
  readonly #links = new Map<HostId, Link>()
  readonly #listeners = new Set<(change: AgentChange<HostReport>) => void>()
  #documents = 0
  #reports = 0

  get size(): number {
    return this.#links.size
  }

  get counts(): HubCounts {
    return { documents: this.#documents, reports: this.#reports }
  }

  /** Those connected just now. */
  connected(): (readonly [HostId, AgentConnection])[] {
    return [...this.#links].map(([host, { connection }]) => [host, connection])
  }

  /** The connection counts from now on; returns the one that it takes over from, which is to be closed. */
  begin(host: HostId, connection: AgentConnection, report: HostReport): Link | undefined {
    const before = this.#links.get(host)
    if (before !== undefined) failAll(before, 'its agent came over another connection')
    this.#reports += 1
    this.#links.set(host, {
      connection,
      report,
      offered: undefined,
      looks: new Map(),
      logs: new Map(),
      plans: new Map(),
      preflights: new Map(),
    })
    this.#tell({ host, kind: 'came', report })
    return before
  }

  /** Nothing is told of a connection that was taken over. */
  reported(host: HostId, connection: AgentConnection, report: HostReport): void {
    const link = this.#linkOf(host, connection)
    if (link === undefined) return
    this.#reports += 1
    link.report = { ...lastingOf(link.report), ...report }
    const { offered } = link
    if (offered?.version === report.state.version) {
      link.offered = undefined
      offered.resolve(report)
    }
    // One that does not say which it answers is of an agent that was asked to look at everything, whatever the question.
    for (const id of report.looks ?? link.looks.keys()) link.looks.get(id)?.resolve(report)
    this.#tell({ host, kind: 'reported', report })
  }

  toldLogs(host: HostId, connection: AgentConnection, { id, lines }: Extract<FromAgent, { type: 'logs' }>): void {
    this.#linkOf(host, connection)?.logs.get(id)?.resolve(lines)
  }

  toldPlan(
    host: HostId,
    connection: AgentConnection,
    { id, steps, failure }: Extract<FromAgent, { type: 'plan' }>,
  ): void {
    const waiter = this.#linkOf(host, connection)?.plans.get(id)
    if (steps === undefined) waiter?.reject(new Error(failure ?? 'its agent does not say why'))
    else waiter?.resolve(steps as SaidStep[]) // what is left out is not there
  }

  toldPreflight(
    host: HostId,
    connection: AgentConnection,
    { id, refusals, failure }: Extract<FromAgent, { type: 'preflight' }>,
  ): void {
    const waiter = this.#linkOf(host, connection)?.preflights.get(id)
    if (refusals === undefined) waiter?.reject(new Error(failure ?? 'its agent does not say why'))
    else waiter?.resolve(refusals as Refusal[]) // what is left out is not there
  }

  /** False when another connection took over before. */
  end(host: HostId, connection: AgentConnection): boolean {
    const link = this.#linkOf(host, connection)
    if (link === undefined) return false
    this.#links.delete(host)
    failAll(link, 'the connection of its agent ended')
    this.#tell({ host, kind: 'went', heardAt: connection.heardAt() })
    return true
  }

  heardAt(host: HostId): Instant | undefined {
    return this.#links.get(host)?.connection.heardAt()
  }

  reportOf(host: HostId): HostReport | undefined {
    return this.#links.get(host)?.report
  }

  offer(host: HostId, document: HostDocument, signal: AbortSignal): Promise<HostReport> {
    const link = this.#links.get(host)
    if (link === undefined) return Promise.reject(notHere())
    link.offered?.reject(new Error('another document was offered meanwhile'))
    return waitFor<HostReport>(signal, (waiter) => {
      const offered = { ...waiter, version: document.version }
      link.offered = offered
      this.#documents += 1
      link.connection.send({ type: 'document', document })
      return () => {
        if (link.offered === offered) link.offered = undefined
      }
    })
  }

  look(host: HostId, { scope, flows }: AgentLook, signal: AbortSignal): Promise<HostReport> {
    const slots = scope === 'all' ? {} : { slots: [...scope] }
    return this.#ask(
      host,
      signal,
      ({ looks }) => looks,
      (id) => ({ type: 'look', ids: [id], ...slots, flows }),
    )
  }

  plan(host: HostId, document: HostDocument, signal: AbortSignal): Promise<readonly SaidStep[]> {
    return this.#ask(
      host,
      signal,
      ({ plans }) => plans,
      (id) => ({ type: 'plan', id, document }),
    )
  }

  preflight(host: HostId, { ports, caller }: PreflightAsked, signal: AbortSignal): Promise<readonly Refusal[]> {
    const { address, shell } = caller
    const asked = { ports: [...ports], caller: { address, ...(shell !== undefined && { shell }) } }
    return this.#ask(
      host,
      signal,
      ({ preflights }) => preflights,
      (id) => ({ type: 'preflight', id, ...asked }),
    )
  }

  logs(host: HostId, lines: number, signal: AbortSignal): Promise<readonly AgentLogLine[]> {
    return this.#ask(
      host,
      signal,
      ({ logs }) => logs,
      (id) => ({ type: 'logs', id, lines }),
    )
  }

  onChange(listener: (change: AgentChange<HostReport>) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  cut(host: HostId, code: string, message: string): void {
    this.dismiss(host, { code, message })
  }

  dismiss(host: HostId, bye: Bye): void {
    const link = this.#links.get(host)
    if (link === undefined) return
    this.end(host, link.connection)
    link.connection.close(bye)
  }

  #ask<T>(
    host: HostId,
    signal: AbortSignal,
    waitersOf: (link: Link) => Map<string, Waiter<T>>,
    question: (id: string) => ToAgent,
  ): Promise<T> {
    const link = this.#links.get(host)
    if (link === undefined) return Promise.reject(notHere())
    return waitFor<T>(signal, (waiter) => {
      const id = randomUUID()
      waitersOf(link).set(id, waiter)
      link.connection.send(question(id))
      return () => waitersOf(link).delete(id)
    })
  }

  #linkOf(host: HostId, connection: AgentConnection): Link | undefined {
    const link = this.#links.get(host)
    return link?.connection === connection ? link : undefined
  }

  #tell(change: AgentChange<HostReport>): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/** What an agent tells when it changes, and not with every report: it holds until it is told anew. Facts are on record. */
function lastingOf({ exposures, findings, clock }: HostReport): Partial<HostReport> {
  return {
    ...(exposures !== undefined && { exposures }),
    ...(findings !== undefined && { findings }),
    ...(clock !== undefined && { clock }),
  }
}

function notHere(): Error {
  return new Error('its agent is not connected to this server')
}

function failAll({ offered, looks, logs, plans, preflights }: Link, why: string): void {
  for (const waiter of [
    ...(offered === undefined ? [] : [offered]),
    ...looks.values(),
    ...logs.values(),
    ...plans.values(),
    ...preflights.values(),
  ])
    waiter.reject(new Error(why))
}

/** `begin` returns what is to be undone when the wait is over, well or badly. */
async function waitFor<T>(signal: AbortSignal, begin: (waiter: Waiter<T>) => () => void): Promise<T> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const giveUp = (): void => reject(new Error('the agent did not answer in time', { cause: signal.reason }))
  signal.addEventListener('abort', giveUp, { once: true })
  const over = begin({ resolve, reject })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', giveUp)
    over()
  }
}
