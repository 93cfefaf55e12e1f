/** (e) Each of the original's eight operations with a long history behind it, against the same with a short one. */
import { join } from 'node:path'
import type { Role, Stage } from '../test/demo/stage.ts'
import type { CallerApi } from './caller.ts'
import type { HttpCall } from './connection.ts'
import type { Report } from './report.ts'
import { seedHistory } from './seed-history.ts'
import {
  expectStatus,
  initiateCall,
  placeIn,
  policyCall,
  onStage,
  startCaller,
  startServer,
  versioned,
  type Place,
  type RunningServer,
} from './site.ts'
import { sourceAt } from './sources.ts'
import { summaryOf } from './summary.ts'
import { fact, ratio } from './verdict.ts'
import type { Worker } from './worker.ts'

const SHORT = 10_000
const LONG = 1_000_000
const ROUNDS = 60
const WARM_UP = 10
const PORT = 2222

export const title = `the eight operations with a history of ${LONG} grants, against ${SHORT}`

export const measure = onStage(measureOn)

interface Side {
  readonly count: number
  readonly server: RunningServer
  readonly caller: Worker<CallerApi>
}

/** Both are seeded before either is called: a connection that idles meanwhile is closed by the server. */

async function measureOn(stage: Stage): Promise<Report> {
  // Two hosts, each with its own kernel table, so that both can be asked in turn.
  for (const host of HOSTS) await seedHost(stage, host)
  const [short, long] = [await startHost(stage, HOSTS[0]), await startHost(stage, HOSTS[1])]
  const sizes = await Promise.all([short, long].map(answerSize))
  const times = new Map(OPERATIONS.map(({ name }) => [name, { short: [] as number[], long: [] as number[] }]))
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    // In another order each round: what one leaves behind, such as garbage, must not always fall on the same next one.
    for (const operation of [
      ...OPERATIONS.slice(round % OPERATIONS.length),
      ...OPERATIONS.slice(0, round % OPERATIONS.length),
    ]) {
      const [a, b] = [await timeOf(short, operation, round), await timeOf(long, operation, round)]
      if (round < WARM_UP) continue
      times.get(operation.name)?.short.push(a)
      times.get(operation.name)?.long.push(b)
    }
  }
  const removals = [await timeRemoval(short), await timeRemoval(long)] as const
  for (const { server } of [short, long]) await server.stop()
  return judge(times, { sizes, removals })
}

interface Host {
  readonly role: Role
  readonly count: number
}

const HOSTS = [
  { role: 'host', count: SHORT },
  { role: 'stranger', count: LONG },
] as const

async function seedHost(stage: Stage, { role, count }: Host): Promise<void> {
  const data = `e-${count}`
  const server = await startServer(stage, { role, data })
  const setter = await startCaller(stage, server, role)
  await expectStatus(setter, policyCall(server.place, [PORT]))
  setter.end()
  await server.stop()
  seedHistory({ folder: join(stage.folder, data), place: server.place, count })
}

async function startHost(stage: Stage, { role, count }: Host): Promise<Side> {
  const server = await startServer(stage, { role, data: `e-${count}` })
  return { count, server, caller: await startCaller(stage, server, role) }
}

interface Operation {
  readonly name: string
  readonly status: number
  call(place: Place, round: number): HttpCall
  /** What must be there first, not timed. */
  before?(place: Place): HttpCall
}

const OPERATIONS: readonly Operation[] = [
  { name: 'list by subscription', status: 200, call: (place) => listCall(place, '') },
  { name: 'list by region', status: 200, call: (place) => listCall(place, '/locations/local') },
  { name: 'list by resource group', status: 200, call: (place) => listCall(place, '', '/resourceGroups/default') },
  {
    name: 'list by resource group and region',
    status: 200,
    call: (place) => listCall(place, '/locations/local', '/resourceGroups/default'),
  },
  { name: 'get', status: 200, call: ({ policy }) => ({ method: 'GET', path: versioned(policy) }) },
  { name: 'create or update', status: 200, call: (place) => policyCall(place, [PORT]) },
  {
    name: 'initiate',
    status: 202,
    call: (place, round) => initiateCall(place, { source: sourceAt(2_000_000 + round), port: PORT, duration: 'PT1H' }),
  },
  {
    name: 'delete',
    status: 200,
    before: (place) => policyCall(another(place), [PORT + 1]),
    call: (place) => ({ method: 'DELETE', path: versioned(another(place).policy) }),
  },
]

/** Its own history is short: the long one is the table's. */
function another({ machine }: Place): Place {
  return placeIn(machine.split('/')[2] ?? '', 'another')
}

function listCall({ policy }: Place, location: string, group = ''): HttpCall {
  const subscription = policy.split('/').slice(0, 3).join('/')
  const path = `${subscription}${group}/providers/Microsoft.Security${location}/jitNetworkAccessPolicies`
  return { method: 'GET', path: versioned(path) }
}

async function timeOf({ caller, server }: Side, operation: Operation, round: number): Promise<number> {
  if (operation.before !== undefined) await expectStatus(caller, operation.before(server.place))
  const calls = [operation.call(server.place, round)]
  const [time = Number.NaN] = await caller.call('time', { name: 'server', calls, status: operation.status })
  return time
}

/** The policy that owns the whole history, once: there is only one. */
async function timeRemoval({ caller, server }: Side): Promise<number> {
  const calls: HttpCall[] = [{ method: 'DELETE', path: versioned(server.place.policy) }]
  const [time = Number.NaN] = await caller.call('time', { name: 'server', calls, status: 200 })
  return time
}

async function answerSize({ caller, server }: Side): Promise<number> {
  return (await expectStatus(caller, { method: 'GET', path: versioned(server.place.policy) })).length
}

interface Sides {
  readonly sizes: readonly number[]
  readonly removals: readonly [number, number]
}

function judge(
  times: ReadonlyMap<string, { readonly short: readonly number[]; readonly long: readonly number[] }>,
  { sizes, removals }: Sides,
): Report {
  const summaries = Object.fromEntries(
    [...times].flatMap(([name, { short, long }]) => [
      [`${name}, ${SHORT}`, summaryOf(short)],
      [`${name}, ${LONG}`, summaryOf(long)],
    ]),
  )
  return {
    findings: [
      ...[...times].map(([name, { short, long }]) =>
        ratio(`${name} (p50)`, { ours: summaryOf(long).p50, floor: summaryOf(short).p50 }, { atMost: 1.2 }),
      ),
      fact(`delete of the policy with ${SHORT} grants (once)`, removals[0], 'ms'),
      fact(`delete of the policy with ${LONG} grants (once)`, removals[1], 'ms'),
    ],
    summaries,
    notes: [
      `both answers show the policy’s 1,000 newest requests of 30 days: ${sizes.join(' and ')} bytes`,
      'two servers on two hosts, asked in turn, each by a caller on its own loopback',
      'the histories were written in bulk by SQL: a request, a grant, its point and three audit events each',
    ],
  }
}
