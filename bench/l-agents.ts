/** (l) Ten thousand agents on one server: its memory, a change for all of them, a restart that all come back after, and holes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  agentServers,
  protectHosts,
  requestHoles,
  type AgentServer,
  type AgentServers,
} from '../test/support/agent-server.ts'
import { hostName, seedHosts, startFleet, type AgentFleet } from './agents-fleet.ts'
import { cpuMillis } from './cpu-time.ts'
import type { Report } from './report.ts'
import { summaryOf } from './summary.ts'
import { fact, judged, type Finding } from './verdict.ts'

const AGENTS = Number(process.env['BENCH_AGENTS'] ?? 10_000)
const HOSTS_A_POLICY = 1_000
const RATE_HOSTS = Math.min(1_000, AGENTS)
const HOSTS_A_REQUEST = 10
const HOLES_A_SECOND = 1_000
const SECONDS = 20
const PORT = 22
/** Of a server's socket, kept so that agents find it again. */
const AGENT_PORT = 20_000 + (process.pid % 10_000)
const PATIENCE = 300_000
/** More than a server could want; fewer than its socket lets wait. */
const MOST_UNDER_WAY = 256

export const title = `${AGENTS} agents on one server`

export async function measure(): Promise<Report> {
  const servers = await agentServers()
  const place = { folder: servers.folder, data: join(servers.folder, 'one'), count: AGENTS }
  const agents = await seedHosts(place)
  const fleet = await startFleet(servers.folder, agents)
  try {
    return await measureWith({ servers, fleet })
  } finally {
    await fleet.stop()
    await servers.remove()
  }
}

interface Ground {
  readonly servers: AgentServers
  readonly fleet: AgentFleet
}

const step = (text: string): void =>
  void process.stderr.write(`  (l) ${new Date().toISOString().slice(11, 19)} ${text}\n`)

async function measureWith({ servers, fleet }: Ground): Promise<Report> {
  let server = await servers.start('one', { agentPort: AGENT_PORT })
  step('the server runs')
  const before = residentMegabytes(server)
  fleet.connect(server.agentUrl)
  const coming = await fleet.until(({ connected }) => connected === AGENTS, PATIENCE)
  step('all have come')
  await pause(5_000)
  const after = residentMegabytes(server)
  const idle = await cpuShare(server, 10_000)
  const changing = await changeForAll({ servers, fleet }, server)
  step('all have a change')
  await server.stop()
  server = await servers.start('one', { agentPort: AGENT_PORT })
  const planned = await fleet.until(({ connected }) => connected === AGENTS, PATIENCE)
  step('all are back')
  await server.stop('SIGKILL')
  server = await servers.start('one', { agentPort: AGENT_PORT })
  const storm = await stormOf(fleet)
  step('all are back again')
  const rate = await holesOver({ servers, fleet }, server)
  return {
    summaries: { 'request to the last of its hosts': summaryOf(rate.times) },
    findings: [
      fact('agents connected', AGENTS, ''),
      fact('memory of the server before the first', before, 'MiB'),
      judged('memory of the server with all of them', after, 'MiB', { atMost: 2_048 }),
      fact('of which for one agent', ((after - before) * 1_024) / AGENTS, 'KiB'),
      fact('the server’s share of a core while nothing changes', idle * 100, '%'),
      fact('until all have come for the first time', coming / 1_000, 's'),
      judged('until all have a change', changing / 1_000, 's', { atMost: 60 }),
      judged('until all are back after a planned restart', planned / 1_000, 's', { atMost: 60 }),
      judged('until all are back after a kill', storm.millis / 1_000, 's', { atMost: 60 }),
      fact('tries to connect in that time', storm.attempts, ''),
      judged('holes a second over 1,000 agents, asked for and open', rate.perSecond, '', { atLeast: 950 }),
      ...rate.findings,
    ],
    notes: [
      `The agents are real as far as TLS goes (mutual, 1.3, a certificate each) and carry no kernel; they run on the same machine in processes of their own.`,
      `They come back as the real one does: at random times up to a bound that doubles from 1 s to 30 s.`,
      `A change for all: ${AGENTS / HOSTS_A_POLICY} policies of ${HOSTS_A_POLICY} hosts each, one after the other, until the last agent has its document.`,
      `Holes: requests for ${HOSTS_A_REQUEST} hosts each, ${HOLES_A_SECOND / HOSTS_A_REQUEST} a second for ${SECONDS} s, at most ${MOST_UNDER_WAY} at once.`,
    ],
  }
}

async function changeForAll({ servers, fleet }: Ground, server: AgentServer): Promise<number> {
  const began = performance.now()
  for (let from = 0; from < AGENTS; from += HOSTS_A_POLICY) {
    const hosts = Array.from({ length: Math.min(HOSTS_A_POLICY, AGENTS - from) }, (_, at) => hostName(from + at))
    const { status, body } = await protectHosts(server, servers, { policy: `policy-${from}`, hosts, port: PORT })
    if (status !== 200) throw new Error(`a policy was answered ${status}: ${JSON.stringify(body).slice(0, 500)}`)
  }
  await fleet.until(({ shielded }) => shielded === AGENTS, PATIENCE)
  return performance.now() - began
}

async function stormOf(fleet: AgentFleet): Promise<{ millis: number; attempts: number }> {
  let attempts = 0
  const millis = await fleet.until((count) => {
    attempts += count.attempts
    return count.connected === AGENTS
  }, PATIENCE)
  return { millis, attempts }
}

interface Rate {
  readonly perSecond: number
  readonly times: readonly number[]
  readonly findings: readonly Finding[]
}

/** Asked for at a steady pace, as long as not too many wait for an answer. */
async function holesOver({ servers, fleet }: Ground, server: AgentServer): Promise<Rate> {
  const asked = new Map<string, number>()
  const failed: string[] = []
  const under = new Set<Promise<void>>()
  const ask = async (wanted: { readonly hosts: readonly string[]; readonly source: string }): Promise<void> => {
    const { status, body } = await requestHoles(server, servers, { policy: 'policy-0', port: PORT, ...wanted })
    if (status !== 202) failed.push(JSON.stringify(body))
  }
  const gap = (HOSTS_A_REQUEST / HOLES_A_SECOND) * 1_000
  const began = performance.now()
  const requests = (HOLES_A_SECOND / HOSTS_A_REQUEST) * SECONDS
  for (let n = 0; n < requests; n += 1) {
    const source = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
    const first = (n * HOSTS_A_REQUEST) % RATE_HOSTS
    const hosts = Array.from({ length: HOSTS_A_REQUEST }, (_, at) => hostName(first + at))
    const due = began + n * gap
    if (due > performance.now()) await pause(due - performance.now())
    asked.set(source, Date.now())
    const asking = ask({ hosts, source }).finally(() => under.delete(asking))
    under.add(asking)
    if (under.size >= MOST_UNDER_WAY) await Promise.race(under)
  }
  await Promise.all(under)
  if (failed.length > 0) throw new Error(`${failed.length} of ${requests} requests were refused: ${failed[0]}`)
  const isAll = ({ holes }: { holes: readonly (readonly [string, number, number])[] }): boolean =>
    holes.filter(([, count]) => count === HOSTS_A_REQUEST).length === requests
  await fleet.until(isAll, PATIENCE)
  const { holes } = await fleet.count()
  const ends = new Map(holes.map(([source, , at]) => [source.replace('/32', ''), at]))
  const times = [...asked].map(([source, at]) => (ends.get(source) ?? Number.NaN) - at)
  const [start, end] = [Math.min(...asked.values()), Math.max(...ends.values())]
  return {
    times,
    perSecond: (requests * HOSTS_A_REQUEST * 1_000) / (end - start),
    findings: [fact('request to open on all of its hosts, p50', summaryOf(times).p50, 'ms')],
  }
}

function residentMegabytes({ pid }: AgentServer): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

async function cpuShare({ pid }: AgentServer, millis: number): Promise<number> {
  const before = cpuMillis(pid)
  await pause(millis)
  return (cpuMillis(pid) - before) / millis
}
