/**
 * The link where nothing lets a stream through: the newest document is asked for again and again, each time with an answer
 * that waits for one, and every report is a call.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { AGENT_PATHS, clockAnswer, toAgent, type FromAgent, type HostReport } from '../../contract/agent.ts'
import { SECOND, type Millis } from '../../domain/time.ts'
import { newerReport, type LinkEvents, type OpenLink } from './link.ts'
import { answerOf, Refused, type ServerLine } from './server-line.ts'

/** The server waits 25 s. */
const PATIENCE: Millis = 40 * SECOND
const NO_CONTENT = 204

export function pollLink(line: Pick<ServerLine, 'call'>): OpenLink {
  return async (events, outer) => {
    const end = new AbortController()
    const signal = AbortSignal.any([outer, end.signal])
    let failure: Error | undefined
    const fail = (error: unknown): void => {
      failure ??= error instanceof Error ? error : new Error(String(error))
      end.abort()
    }
    const reports = createReporter(line, fail)
    answerOf(await line.call({ method: 'GET', path: AGENT_PATHS.clock, signal }), clockAnswer)
    events.onOpen({
      send: (message) => {
        if (message.type === 'report') reports(message.report)
        else if (message.type === 'clock') askClock(line, events, signal).catch(fail)
        else post(line, message).catch(fail)
      },
      close: () => end.abort(),
    })
    await documents(line, events, signal).catch(fail)
    if (failure !== undefined && !outer.aborted) throw failure
  }
}

async function askClock(line: Pick<ServerLine, 'call'>, events: LinkEvents, signal: AbortSignal): Promise<void> {
  const sent = Number(process.hrtime.bigint()) / 1e6
  const { server } = answerOf(await line.call({ method: 'GET', path: AGENT_PATHS.clock, signal }), clockAnswer)
  events.onMessage({ type: 'clock', sent, server })
}

async function documents(line: Pick<ServerLine, 'call'>, events: LinkEvents, signal: AbortSignal): Promise<void> {
  let version = ''
  while (!signal.aborted) {
    const path = `${AGENT_PATHS.document}?after=${encodeURIComponent(version)}`
    const answer = await line.call({ method: 'GET', path, signal, within: PATIENCE })
    if (answer.status === NO_CONTENT) continue
    const message = answerOf(answer, toAgent)
    if (message.type === 'document') version = message.document.version
    events.onMessage(message)
    await pause(0)
  }
}

async function post(line: Pick<ServerLine, 'call'>, body: FromAgent): Promise<void> {
  const answer = await line.call({ method: 'POST', path: AGENT_PATHS.report, body })
  if (answer.status >= 300) throw new Refused(answer)
}

/** One at a time; what waits is the newest. */
function createReporter(line: Pick<ServerLine, 'call'>, fail: (error: unknown) => void): (report: HostReport) => void {
  let waiting: HostReport | undefined
  let isSending = false
  const next = async (): Promise<void> => {
    isSending = true
    while (waiting !== undefined) {
      const report = waiting
      waiting = undefined
      await post(line, { type: 'report', report })
    }
    isSending = false
  }
  return (report) => {
    waiting = newerReport(waiting, report)
    if (!isSending) next().catch(fail)
  }
}
