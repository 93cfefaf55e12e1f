/**
 * (i) Starting the command line: the version against Node.js itself, and what `request create` adds to the calls that it
 * makes, for the program in `dist` and for the one file.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { initiateBody, policyBody, policyPath, VERSION } from '../test/conformance/bodies.ts'
import { startServer, TOKEN, type RunningServer } from '../test/conformance/running-server.ts'
import type { Report } from './report.ts'
import { startOnce } from './start-once.ts'
import { summaryOf, type Summary } from './summary.ts'
import { fact, judged, ratio } from './verdict.ts'

const ROUNDS = 40
const WARM_UP = 5
const SHARE_OF_NODE = 1.5
const MOST_ADDED = 50

export const title = 'starting the command line'

export async function measure(): Promise<Report> {
  const root = join(import.meta.dirname, '..')
  const folder = await mkdtemp(join(tmpdir(), `sallyport-bench-start-${process.pid}-`))
  const server = await startServer()
  try {
    // Packages are found from where the program lies, so it lies in the repository.
    await promisify(execFile)(process.execPath, [join(root, 'script/build.ts')])
    await protect(server)
    return await measureOn(server, { dist: join(root, 'dist'), home: folder })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true })
  }
}

interface Place {
  readonly dist: string
  /** Of the person whose compiled code is kept: empty at first. */
  readonly home: string
}

async function measureOn(server: RunningServer, { dist, home }: Place): Promise<Report> {
  const [program, oneFile] = [join(dist, 'sallyport.js'), join(dist, 'sallyport-cli.cjs')]
  const env = { HOME: home, SALLYPORT_SERVER: server.url, SALLYPORT_TOKEN: TOKEN, SALLYPORT_READY_FILE: '' }
  const create = ['request', 'create', 'web1', '-p', '22', '--for', '5m', '--from', '203.0.113.7', '-o', 'none']
  await sameCalls([program, ...create, '--verbose'], env)
  const [node, version, oneVersion, calls, created, oneCreated] = await inTurn([
    () => started(['-e', '0'], env),
    () => started([program, '--version'], env),
    () => started([oneFile, '--version'], env),
    () => callsOfCreate(server),
    () => started([program, ...create], env),
    () => started([oneFile, ...create], env),
  ])
  return {
    summaries: {
      'node -e 0': node,
      'sallyport --version': version,
      'sallyport-cli.cjs --version': oneVersion,
      'the calls of request create, by a client that runs already': calls,
      'sallyport request create': created,
      'sallyport-cli.cjs request create': oneCreated,
    },
    findings: [
      ratio('sallyport --version, to node -e 0', { ours: version.p50, floor: node.p50 }, { atMost: SHARE_OF_NODE }),
      ratio(
        'sallyport-cli.cjs --version, to node -e 0',
        { ours: oneVersion.p50, floor: node.p50 },
        { atMost: SHARE_OF_NODE },
      ),
      judged('request create adds to the server’s own time', created.p50 - calls.p50, 'ms', { atMost: MOST_ADDED }),
      judged('the same, as one file', oneCreated.p50 - calls.p50, 'ms', { atMost: MOST_ADDED }),
      fact('of which the start of Node.js itself', node.p50, 'ms'),
    ],
    notes: [
      'Medians; the six in turn, another first in each round. A program’s time is from starting its process to its end.',
      'The server runs in the process that measures; its calls are made there by one connection that is kept.',
    ],
  }
}

async function started(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return (await startOnce(args, env)).took
}

type Measured = () => Promise<number>
type Six<T> = readonly [T, T, T, T, T, T]

async function inTurn(all: Six<Measured>): Promise<Six<Summary>> {
  const taken = all.map((): number[] => [])
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const turn of all.keys()) {
      const index = (turn + round) % all.length
      const took = (await all[index]?.()) ?? Number.NaN
      if (round >= WARM_UP) taken[index]?.push(took)
    }
  }
  return taken.map((values) => summaryOf(values)) as unknown as Six<Summary> // as many as there were
}

async function protect(server: RunningServer): Promise<void> {
  const { status } = await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
  if (status !== 200) throw new Error(`expected 200 to the policy, got ${status}`)
}

const CALLS = ['GET /api/v1/machines', 'POST initiate', 'GET /api/v1/requests']

/** What `request create` asks, asked without it. */
async function callsOfCreate(server: RunningServer): Promise<number> {
  const began = performance.now()
  await server.call('GET', '/api/v1/machines')
  const body = initiateBody({ duration: 'PT5M', allowedSourceAddressPrefix: '203.0.113.7' })
  const { headers } = await server.call('POST', `${policyPath()}/initiate${VERSION}`, { body })
  const id = headers.get('location')?.split(/[/?]/).at(-2) ?? ''
  const { status } = await server.call('GET', `/api/v1/requests/${id}`)
  if (status !== 200) throw new Error(`expected the request ${id}, got ${status}`)
  return performance.now() - began
}

/** The floor is honest only while the program asks no more and no less. */
async function sameCalls(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const { stderr } = await startOnce(args, env)
  const asked = stderr.split('\n').filter((line) => /^(?:GET|POST) http/.test(line))
  if (asked.length !== CALLS.length) throw new Error(`expected ${CALLS.join(', ')}; got ${asked.join(', ')}`)
}
