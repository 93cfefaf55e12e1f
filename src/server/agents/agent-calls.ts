/** What agents may call by plain HTTP: to enrol, to renew, to read the clock, and, where no stream gets through, to poll. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '../../app/app.ts'
import { enrolHost, renewHost, type Enrolled, type EnrolDeps } from '../../app/hosts/enrol-host.ts'
import { AGENT_PATHS, AGENT_WIRE, enrollBody, fromAgent, renewBody, type EnrollAnswer } from '../../contract/agent.ts'
import { refusal, refused, type Result } from '../../domain/refusal.ts'
import { answerJson, answerNothing, answerRefusal, firstReason, readJson } from './agent-http.ts'
import type { AgentPolls, PollCaller } from './agent-poll.ts'
import { addressOf, identifyAgent } from './identify-agent.ts'
import type { TurnedAway } from './turned-away.ts'

export interface CallDeps extends EnrolDeps, Pick<App, 'log'> {
  readonly polls: AgentPolls
  readonly turnedAway: TurnedAway
  readonly onEnrolled: () => void
}

/** More than a key and what a host says of itself. */
const LARGEST_ENROLMENT = 64 * 1024
/** A document of 100,000 holes is 20 MB, and so is the report on it. */
export const LARGEST_REPORT = 32 * 1024 * 1024

export async function answerCall(deps: CallDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'https://agents')
  if (url === null) return answerRefusal(response, refusal('PathNotFound', 'what was asked for is no address'))
  const route = `${request.method ?? ''} ${url.pathname}`
  if (route === `POST ${AGENT_PATHS.enroll}`) return enroll(deps, request, response)
  const call = CALLS[route]
  if (call === undefined) return answerRefusal(response, refusal('PathNotFound', `there is no ${route} for agents`))
  const caller = await identifyAgent(deps, request)
  if (caller.ok) return call(deps, { request, response, url, caller: caller.value })
  const why = firstReason(caller.refusals)
  await deps.turnedAway.atTheDoor(addressOf(request), why)
  answerRefusal(response, why)
}

async function enroll(deps: CallDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { turnedAway, onEnrolled, clock, authority } = deps
  const address = addressOf(request)
  const tooMany = turnedAway.tooMany(address)
  if (tooMany !== undefined) return answerRefusal(response, tooMany)
  const enrolled = await tryToEnrol(deps, request, address)
  if (enrolled.ok) {
    onEnrolled()
    return answerJson(response, answerFrom(enrolled.value, { authority: authority.certificate, now: clock.now() }))
  }
  const why = firstReason(enrolled.refusals)
  await turnedAway.atEnrolment(address, why)
  answerRefusal(response, why)
}

async function tryToEnrol(deps: CallDeps, request: IncomingMessage, address: string): Promise<Result<Enrolled>> {
  const body = await readJson(request, { schema: enrollBody, largest: LARGEST_ENROLMENT })
  if (!body.ok) return body
  const { wire, token, csr, facts } = body.value
  if (wire !== AGENT_WIRE)
    return refused(
      refusal(
        'AgentVersionNotSupported',
        `this server speaks version ${AGENT_WIRE} with agents; this agent (${facts.agentVersion}) speaks ${wire}: install the agent of the server's own version`,
      ),
    )
  return enrolHost(deps, { token, csr, facts: JSON.stringify(facts), address })
}

function answerFrom(
  { host, certificate }: Enrolled,
  { authority, now }: { readonly authority: string; readonly now: number },
): EnrollAnswer {
  return {
    host: host.id,
    machine: host.machine,
    certificate: certificate.pem,
    authority,
    generation: host.generation,
    renewAt: certificate.renewAt,
    serverTime: now,
  }
}

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly caller: PollCaller
}

const CALLS: Readonly<Record<string, ((deps: CallDeps, call: Call) => Promise<void>) | undefined>> = {
  [`POST ${AGENT_PATHS.renew}`]: renew,
  [`GET ${AGENT_PATHS.clock}`]: async ({ clock }, { response }) => answerJson(response, { server: clock.now() }),
  [`GET ${AGENT_PATHS.document}`]: next,
  [`POST ${AGENT_PATHS.report}`]: heard,
}

async function renew(deps: CallDeps, { request, response, caller }: Call): Promise<void> {
  const body = await readJson(request, { schema: renewBody, largest: LARGEST_ENROLMENT })
  if (!body.ok) return answerRefusal(response, firstReason(body.refusals))
  const { host, fingerprint, address } = caller
  const renewed = await renewHost(deps, { host: host.id, fingerprint, csr: body.value.csr, address })
  if (!renewed.ok) return answerRefusal(response, firstReason(renewed.refusals))
  answerJson(response, answerFrom(renewed.value, { authority: deps.authority.certificate, now: deps.clock.now() }))
}

async function next({ polls }: CallDeps, { response, url, caller }: Call): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const message = await polls.next(caller, url.searchParams.get('after') ?? '', gone.signal)
  if (message === undefined) answerNothing(response)
  else answerJson(response, message)
}

async function heard({ polls }: CallDeps, { request, response, caller }: Call): Promise<void> {
  const body = await readJson(request, { schema: fromAgent, largest: LARGEST_REPORT })
  if (!body.ok) return answerRefusal(response, firstReason(body.refusals))
  polls.heard(caller, body.value)
  answerNothing(response)
}
