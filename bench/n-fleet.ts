/** (n) Lists of 100,000 machines: the first page, one right after something happened, and who asks for access meanwhile. */
import { execFileSync } from 'node:child_process'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { FLEET_SUBSCRIPTION, startServerProcess, type ServerProcess } from '../test/support/server-process.ts'
import { fleetOfMany, protectSome, type NamedMachine } from './fleet-of-many.ts'
import type { Report } from './report.ts'
import { summaryOf } from './summary.ts'
import { fact, ratio } from './verdict.ts'

const MACHINES = Number(process.env['BENCH_MACHINES'] ?? 100_000)
const ROUNDS = 30
const READERS = 10
const EVENTS_A_SECOND = 20
const SECONDS = 20
const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const LIST = '/api/v1/machines?top=50&category=notConfigured'
/** What the portal's first page asks for. */
const OVERVIEW = [
  '/api/v1/machines?top=1',
  '/api/v1/posture?top=1',
  '/api/v1/findings',
  '/api/v1/requests?live=true&top=1000',
  '/api/v1/requests?top=10',
]

export const title = `lists of ${MACHINES} machines`

export async function measure(): Promise<Report> {
  const root = join(import.meta.dirname, '..')
  execFileSync(join(root, 'bin/sallyport'), ['--version']) // builds what is not built yet
  const machines = fleetOfMany(MACHINES)
  const server = await startServerProcess({ script: join(root, 'dist/sallyport.js'), machines })
  try {
    return await measureAt(server, await protectSome(server, MACHINES))
  } finally {
    await server.stop()
  }
}

async function measureAt(server: ServerProcess, named: readonly NamedMachine[]): Promise<Report> {
  const caller = callerOf(server)
  const reader = await newReader(server, caller)
  const read = (path: string): Promise<number> => caller.timed({ token: reader, path, status: 200 })
  const ask = asking(server, caller, named)
  const first = await read(LIST)
  const quiet: number[] = []
  const afterEvent: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(await read(LIST))
    await ask()
    afterEvent.push(await read(LIST))
  }
  const alone = await atAPace(ask)
  const pages: number[] = []
  const open = openPages(read, pages)
  const beside = await atAPace(ask)
  await open.close()
  return {
    summaries: {
      'a page of the list, nothing having happened': summaryOf(quiet),
      'a page of the list right after an event': summaryOf(afterEvent),
      'a request for access, nobody looking': summaryOf(alone),
      [`a request for access, ${READERS} pages open`]: summaryOf(beside),
      'what those pages ask for': summaryOf(pages),
    },
    findings: [
      fact('the first page after the start, everything judged for it', first, 'ms'),
      ratio(
        'a page right after an event / nothing having happened (p50)',
        { ours: summaryOf(afterEvent).p50, floor: summaryOf(quiet).p50 },
        { atMost: 2 },
      ),
      ratio(
        'a request for access (p99), pages open / nobody looking',
        { ours: summaryOf(beside).p99, floor: summaryOf(alone).p99 },
        { atMost: 2 },
      ),
    ],
    notes: [
      `Simulated machines behind ${MACHINES / 50} security groups; ${named.length} of them protected by policies. The reader is a contributor, by a token.`,
      `Requests for access come at ${EVENTS_A_SECOND} a second for ${SECONDS} s, each with a pass over its security group; ${READERS} pages ask again a second after each answer, half of them lists, half overviews.`,
    ],
  }
}

interface Call {
  readonly token: string
  readonly path: string
  readonly status: number
  readonly body?: object | URLSearchParams
}

interface Caller {
  send(call: Call): Promise<string>
  /** Milliseconds. */
  timed(call: Call): Promise<number>
}

/** Over connections that stay open, as a browser's do. */
function callerOf({ url, authority }: ServerProcess): Caller {
  const agent = new Agent({ keepAlive: true, ca: authority })
  const send = ({ token, path, status, body }: Call): Promise<string> =>
    new Promise((resolve, reject) => {
      const type = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json'
      const headers = {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': type }),
      }
      const sent = request(
        `${url}${path}`,
        { method: body === undefined ? 'GET' : 'POST', agent, headers },
        (answer) => {
          let text = ''
          answer.on('data', (part: Buffer) => (text += part.toString()))
          answer.on('end', () =>
            answer.statusCode === status
              ? resolve(text)
              : reject(new Error(`expected ${status}: ${text.slice(0, 500)}`)),
          )
        },
      )
      sent.on('error', reject)
      sent.end(body instanceof URLSearchParams ? body.toString() : body && JSON.stringify(body))
    })
  return {
    send,
    timed: async (call) => {
      const began = performance.now()
      await send(call)
      return performance.now() - began
    },
  }
}

/** The token of a program that is a contributor of all of them: what it may see is decided machine by machine. */
async function newReader(server: ServerProcess, caller: Caller): Promise<string> {
  const program = (await server.call('POST', '/api/v1/service-principals', { name: 'reader' })).body
  const path = `/api/v1/service-principals/${program.appId}/credentials`
  const { secret, tenant } = (await server.call('POST', path, { kind: 'secret', days: 1 })).body
  const scope = `/subscriptions/${FLEET_SUBSCRIPTION}`
  const authorization = `${scope}/providers/Microsoft.Authorization`
  const roleDefinitionId = `${authorization}/roleDefinitions/${CONTRIBUTOR}`
  const properties = { principalId: program.id, principalType: 'ServicePrincipal', roleDefinitionId }
  await server.call('PUT', `${authorization}/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`, {
    properties,
  })
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: program.appId,
    client_secret: secret,
    scope: `${server.url}/.default`,
  })
  const answer = await caller.send({ token: '', path: `/${tenant}/oauth2/v2.0/token`, status: 200, body })
  return (JSON.parse(answer) as { access_token: string }).access_token // RFC 6749, 5.1
}

/** Each time for another machine and source. */
function asking(server: ServerProcess, caller: Caller, named: readonly NamedMachine[]): () => Promise<number> {
  let asked = 0
  return () => {
    asked += 1
    const { id, policy } = named[(asked * 37) % named.length] ?? { id: '', policy: '' }
    const source = `10.${asked >> 8}.${asked & 255}.1`
    const ports = [{ number: 22, duration: 'PT1H', allowedSourceAddressPrefix: source }]
    const path = `${policy}/initiate?api-version=2020-01-01`
    return caller.timed({ token: server.adminToken, path, status: 202, body: { virtualMachines: [{ id, ports }] } })
  }
}

async function atAPace(ask: () => Promise<number>): Promise<number[]> {
  const under: Promise<number>[] = []
  for (let n = 0; n < EVENTS_A_SECOND * SECONDS; n++) {
    under.push(ask())
    await pause(1_000 / EVENTS_A_SECOND)
  }
  return Promise.all(under)
}

function openPages(read: (path: string) => Promise<number>, times: number[]): { close(): Promise<void> } {
  const closing = new AbortController()
  const page = async (paths: readonly string[], after: number): Promise<void> => {
    await pause(after)
    while (!closing.signal.aborted) {
      times.push(...(await Promise.all(paths.map(read))))
      await pause(1_000)
    }
  }
  const pages = Array.from({ length: READERS }, (_, n) => page(n % 2 === 0 ? [LIST] : OVERVIEW, n * 100))
  return {
    close: async () => {
      closing.abort()
      await Promise.all(pages)
    },
  }
}
