/**
 * One connection to the server, whatever carries it: texts of the wire in both directions, in order. What is lost with it is
 * lost: only the newest document and the newest report ever matter.
 */
import type { FromAgent, HostReport, ToAgent } from '../../contract/agent.ts'

export interface Link {
  send(message: FromAgent): void
  /** Ends it from this side. */
  close(): void
}

export interface LinkEvents {
  onOpen(link: Link): void
  onMessage(message: ToAgent): void
}

/** Resolves when the connection is over, having been open; rejects with why it never was, or why it broke. */
export type OpenLink = (events: LinkEvents, signal: AbortSignal) => Promise<void>

/** A report that waits while one is under way gives way to the next, which carries on what only it told. */
export function newerReport(waiting: HostReport | undefined, next: HostReport): HostReport {
  if (waiting === undefined) return next
  const drift = [...(waiting.drift ?? []), ...(next.drift ?? [])]
  const cut = [...(waiting.cut ?? []), ...(next.cut ?? [])]
  return {
    ...waiting,
    ...next,
    looks: [...(waiting.looks ?? []), ...(next.looks ?? [])],
    ...(drift.length === 0 ? {} : { drift }),
    ...(cut.length === 0 ? {} : { cut }),
  }
}
