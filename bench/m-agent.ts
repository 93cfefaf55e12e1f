/** (m) The same request through an agent on a host over a link, beside a server that drives its own kernel, and beside fwknop. */
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from '../test/demo/stage.ts'
import type { CallerApi } from './caller.ts'
import { cpuMillis } from './cpu-time.ts'
import { openEyes, type Eyes } from './eyes.ts'
import { windows } from './f-peer.ts'
import { missingPeer, startPeer, type PeerMode } from './fwknop.ts'
import type { KnockerApi } from './knocker.ts'
import { monotonic } from './monotonic.ts'
import { openOnce } from './open-once.ts'
import type { Report } from './report.ts'
import { expectStatus, onStage, policyCall, startCaller, startServer, type Place } from './site.ts'
import { summaryOf, type Summary } from './summary.ts'
import { fact, judged, ratio, type Finding } from './verdict.ts'
import { startWorker, type Worker } from './worker.ts'

const PORT = 2222
const ROUNDS = 200
const WARM_UP = 50
/** So that a host has about thirty holes at a time, as one that is much in use. */
const BETWEEN = 100
const WINDOW_SECONDS = 3
const AGENT_PORT = 8471
/** Where the stranger's end of the link is, on which the server runs here. */
const SERVER = '10.117.2.2'
const IDLE_SECONDS = 10
const AGENT = join(import.meta.dirname, '../dist/sallyport-agent-linux-x64')

export const title = 'through an agent over a link'

export const measure = onStage(measureOn)

async function measureOn(stage: Stage): Promise<Report> {
  const eyes = await openEyes(stage, [PORT])
  const inProcess = await measureInProcess(stage, eyes)
  await stage.run('host', ['nft', 'flush', 'ruleset'])
  const library = await measureAgent(stage, { eyes, backend: 'library', firstSource: 100_000 })
  const spawned = await measureAgent(stage, { eyes, backend: 'process', firstSource: 200_000 })
  await stage.run('host', ['nft', 'flush', 'ruleset'])
  const missing = missingPeer()
  const peers = missing === undefined ? await measurePeers(stage, eyes) : undefined
  return judge({ inProcess, library, spawned, peers })
}

/** The server on the protected host itself, asked from there. */
async function measureInProcess(stage: Stage, eyes: Eyes): Promise<Summary> {
  const server = await startServer(stage, { data: 'm-own' })
  const caller = await startCaller(stage, server, 'host')
  await expectStatus(caller, policyCall(server.place, [PORT]))
  const opened = await openings({ eyes, caller, place: server.place, firstSource: 1 })
  caller.end()
  await server.stop()
  return opened
}

interface Opening {
  readonly eyes: Eyes
  readonly caller: Worker<CallerApi>
  readonly place: Place
  readonly firstSource: number
}

async function openings({ firstSource, ...opening }: Opening): Promise<Summary> {
  const times: number[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    times.push((await openOnce({ ...opening, port: PORT, duration: 'PT3S' }, firstSource + round)).opened)
    await pause(BETWEEN)
  }
  return summaryOf(times.slice(WARM_UP))
}

function residentMegabytes(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

interface AgentTurn {
  readonly eyes: Eyes
  readonly backend: 'library' | 'process'
  readonly firstSource: number
}

interface AgentSeen {
  readonly opened: Summary
  readonly megabytes: number
  /** Of one core, while nothing happens. */
  readonly idleShare: number
  /** From the start of the program until it was connected. */
  readonly startedIn: number
}

/** The server where the stranger is, the agent on the protected host. */
async function measureAgent(stage: Stage, { eyes, backend, firstSource }: AgentTurn): Promise<AgentSeen> {
  const more = ['--agent-listen', `0.0.0.0:${AGENT_PORT}`, '--agent-url', `https://${SERVER}:${AGENT_PORT}`]
  const server = await startServer(stage, { role: 'stranger', data: `m-${backend}`, more })
  const caller = await startCaller(stage, server, 'stranger')
  const state = join(stage.folder, `m-agent-${backend}`)
  const enrolled = await expectStatus(caller, { method: 'POST', path: '/api/v1/hosts/web1/enroll', body: {} })
  const { command, host } = JSON.parse(enrolled) as { command: string; host: { id: string } } // as the contract has it
  const words = command.split(' ')
  await stage.run('host', [AGENT, '--state', state, ...words.slice(words.indexOf('enroll'))])
  const began = monotonic()
  const log = openSync(`${state}.log`, 'a')
  const agent = stage.spawn('host', [AGENT, '--state', state, 'run', '--backend', backend], {
    stdio: ['ignore', log, log],
  })
  const place = { ...server.place, machine: host.id }
  await until(caller, '/api/v1/hosts/web1', ({ state: is }) => is === 'connected')
  const startedIn = monotonic() - began
  await protectWhenKnown(caller, place)
  const opened = await openings({ eyes, caller, place, firstSource })
  await pause(8_000) // until it has given back what its start needed
  const before = cpuMillis(agent.pid ?? 0)
  await pause(IDLE_SECONDS * 1_000)
  const idleShare = (cpuMillis(agent.pid ?? 0) - before) / (IDLE_SECONDS * 1_000)
  const seen = { opened, startedIn, idleShare, megabytes: residentMegabytes(agent.pid ?? 0) }
  agent.kill('SIGTERM')
  await new Promise((resolve) => agent.once('exit', resolve))
  caller.end()
  await server.stop()
  return seen
}

async function until(
  caller: Worker<CallerApi>,
  path: string,
  isSo: (answer: Record<string, unknown>) => boolean,
): Promise<void> {
  const deadline = monotonic() + 20_000
  while (!isSo(JSON.parse(await expectStatus(caller, { method: 'GET', path })) as Record<string, unknown>)) {
    if (monotonic() > deadline) throw new Error(`${path} is not as expected after 20 s`)
    await pause(5)
  }
}

/** A host that was enrolled a moment ago is not known to every part of the server. */
async function protectWhenKnown(caller: Worker<CallerApi>, place: Place): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { status } = await caller.call('send', { name: 'server', call: policyCall(place, [PORT]) })
    if (status === 200) return
    await pause(50)
  }
  throw new Error('the policy for the host was not taken')
}

type Peers = Readonly<Record<PeerMode, Summary>>

async function measurePeers(stage: Stage, eyes: Eyes): Promise<Peers> {
  const knocker = startWorker<KnockerApi>(stage, 'operator', join(import.meta.dirname, 'knocker.ts'))
  const one = async (mode: PeerMode, firstId: number): Promise<Summary> => {
    const peer = await startPeer(stage, { mode, port: PORT, seconds: WINDOW_SECONDS })
    const ask = async (source: string): Promise<{ asked: number }> => {
      const { began } = await knocker.call('run', { command: peer.command(source) })
      return { asked: began }
    }
    const { open } = await windows({ eyes, firstId, ask })
    await peer.stop()
    return open
  }
  return { defaults: await one('defaults', 300_000), 'udp-server': await one('udp-server', 400_000) }
}

interface Sides {
  readonly inProcess: Summary
  readonly library: AgentSeen
  readonly spawned: AgentSeen
  readonly peers: Peers | undefined
}

function judge({ inProcess, library, spawned, peers }: Sides): Report {
  const { opened, megabytes, idleShare, startedIn } = library
  const beside: Finding[] =
    peers === undefined
      ? []
      : [
          ratio('p50 of fwknop’s defaults / p50 through the agent', { ours: peers.defaults.p50, floor: opened.p50 }),
          ratio('p50 of fwknop’s fastest mode / p50 through the agent', {
            ours: peers['udp-server'].p50,
            floor: opened.p50,
          }),
        ]
  return {
    findings: [
      ratio(
        'p50 through the agent / p50 of the server’s own kernel',
        { ours: opened.p50, floor: inProcess.p50 },
        { atMost: 2 },
      ),
      ratio(
        'p99 through the agent / p99 of the server’s own kernel',
        { ours: opened.p99, floor: inProcess.p99 },
        { atMost: 2 },
      ),
      ...beside,
      judged('memory of the agent (RSS)', megabytes, 'MB', { atMost: 80 }),
      judged('processor time of the idle agent', idleShare * 100, '% of a core', { atMost: 0.5 }),
      fact('from the agent’s start until it is connected', startedIn, 'ms'),
      fact('memory of the agent that spawns nft (RSS)', spawned.megabytes, 'MB'),
    ],
    summaries: {
      'first packet let in, the server’s own kernel': inProcess,
      'first packet let in, through the agent': opened,
      'first packet let in, through an agent that spawns nft': spawned.opened,
      ...(peers === undefined
        ? {}
        : { 'fwknop’s defaults': peers.defaults, 'fwknop’s fastest mode': peers['udp-server'] }),
    },
    notes: [
      `one request every ${BETWEEN} ms, each for 3 s: about thirty holes at a time`,
      'the agent is the one program that hosts get (npm run build:agent); server and agent are in two namespaces, joined by a veth link, and speak mutual TLS 1.3',
      'all are asked over loopback on a connection that is kept open, and seen by the same prober; fwknop counts from the start of its client, 30 windows a mode',
      ...(peers === undefined ? ['fwknop is not installed here, so nothing was measured beside it'] : []),
    ],
  }
}
