/** Enrols thousands of hosts at once, straight into a store, and runs their agents in processes of their own. */
import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { newKeyWithRequest } from '../src/agent/csr.ts'
import { newHost, type Host, type HostId } from '../src/domain/hosts/host.ts'
import type { ResourceId } from '../src/domain/resource-id.ts'
import { openSealer } from '../src/issuer/seal.ts'
import { openHostAuthority } from '../src/main/agents/host-authority.ts'
import { openInstallation } from '../src/main/installation/installation.ts'
import { openSqliteStore } from '../src/store/open-sqlite.ts'
import type { Enrolled } from '../test/support/simulated-agent.ts'
import type { AgentsCount, ToldAgents } from './agents-child.ts'

export const hostName = (n: number): string => `host-${n}`

export interface Seeding {
  readonly folder: string
  readonly data: string
  readonly count: number
}

/** As if each had enrolled; all have one key, for keys are not what is measured. */
export async function seedHosts({ folder, data, count }: Seeding): Promise<Enrolled[]> {
  await mkdir(data, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore(data)
  const clock = { now: () => Date.now() }
  const secrets = await openSealer(join(folder, 'issuer.key'))
  const authority = await openHostAuthority({ store, clock, secrets })
  const { subscriptionId, resourceGroup } = await openInstallation(store)
  const { key, csr } = newKeyWithRequest()
  const enrolled: Enrolled[] = []
  const hosts: Host[] = []
  for (let n = 0; n < count; n += 1) {
    const id = randomUUID() as HostId // a fresh one
    const signed = await authority.certify(csr, { id, generation: 1 })
    if (!signed.ok) throw new Error('the authority refused a host of the bench')
    const machine =
      `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.HybridCompute/machines/${hostName(n)}` as ResourceId // of the right form
    const { fingerprint, endsAt, pem } = signed.value
    const now = clock.now()
    hosts.push({
      ...newHost({ id, machine, name: hostName(n), createdAt: now }),
      generation: 1,
      certificates: [fingerprint],
      certificateEndsAt: endsAt,
      enrolledAt: now,
    })
    enrolled.push({ server: '', authority: authority.certificate, certificate: pem, key })
  }
  await store.transaction(async (tx) => {
    await tx.hosts.change()
    for (const host of hosts) await tx.hosts.put(host)
  })
  await store.close()
  return enrolled
}

export interface AgentFleet {
  connect(server: string): void
  count(): Promise<AgentsCount>
  /** Asked every 100 ms; resolves with how long it took. Rejects after the deadline. */
  until(isSo: (count: AgentsCount) => boolean, deadlineMs: number): Promise<number>
  stop(): Promise<void>
}

const AGENTS_A_PROCESS = 5_000

export async function startFleet(folder: string, agents: readonly Enrolled[]): Promise<AgentFleet> {
  const children: ChildProcess[] = []
  for (let from = 0; from < agents.length; from += AGENTS_A_PROCESS) {
    const file = join(folder, `agents-${from}.json`)
    await writeFile(file, JSON.stringify(agents.slice(from, from + AGENTS_A_PROCESS)), { mode: 0o600 })
    children.push(
      fork(join(import.meta.dirname, 'agents-child.ts'), [file], { execArgv: ['--max-old-space-size=8000'] }),
    )
  }
  const tell = (child: ChildProcess, told: ToldAgents): unknown => child.send(told)
  const count = async (): Promise<AgentsCount> => {
    const counts = await Promise.all(
      children.map(async (child) => {
        const answer = once(child, 'message')
        tell(child, { do: 'count' })
        return (await answer)[0] as AgentsCount // by the one script that was started
      }),
    )
    return counts.reduce(added)
  }
  return {
    count,
    connect: (server) => children.forEach((child) => tell(child, { do: 'connect', server })),
    until: async (isSo, deadlineMs) => {
      const began = performance.now()
      for (;;) {
        const counted = await count()
        if (isSo(counted)) return performance.now() - began
        if (performance.now() - began > deadlineMs)
          throw new Error(
            `not so after ${deadlineMs} ms: ${JSON.stringify({ ...counted, holes: counted.holes.length })}`,
          )
        await pause(100)
      }
    },
    stop: async () => {
      await Promise.all(
        children.map(async (child) => {
          const exit = once(child, 'exit')
          tell(child, { do: 'stop' })
          await exit
        }),
      )
    },
  }
}

function added(a: AgentsCount, b: AgentsCount): AgentsCount {
  const holes = new Map(a.holes.map((each) => [each[0], each]))
  for (const [source, count, at] of b.holes) {
    const known = holes.get(source)
    holes.set(source, [source, (known?.[1] ?? 0) + count, Math.max(known?.[2] ?? 0, at)])
  }
  return {
    connected: a.connected + b.connected,
    shielded: a.shielded + b.shielded,
    holes: [...holes.values()],
    attempts: a.attempts + b.attempts,
    refused: a.refused + b.refused,
  }
}
