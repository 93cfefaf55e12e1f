/** The listener for agents over a store of its own, as the server wires it, with a clock that tests move. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../src/app/ports/store.ts'
import { revoked } from '../../src/app/hosts/revoke-host.ts'
import { newHost, type Host, type HostId } from '../../src/domain/hosts/host.ts'
import { parseResourceId, resourceKey } from '../../src/domain/resource-id.ts'
import { MINUTE, type Millis } from '../../src/domain/time.ts'
import { sealerOf } from '../../src/issuer/seal.ts'
import { openHostAuthority, type OpenedAuthority } from '../../src/main/agents/host-authority.ts'
import { createAgentListener, type AgentListener } from '../../src/server/agents/agent-listener.ts'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { SUBSCRIPTION, valueOf } from '../support/builders.ts'
import type { Reply } from '../support/reply.ts'
import { callAgentDoor, type Credentials } from '../support/simulated-agent.ts'

export interface AgentDoor {
  readonly store: Store
  readonly authority: OpenedAuthority
  readonly listener: AgentListener
  /** What whoever is not enrolled yet has. */
  readonly door: Credentials
  /** What a person was told to see to. */
  readonly errors: readonly string[]
  moveClock(by: Millis): void
  /** A token for the host, which is made when it is new. */
  invite(name: string, validFor?: Millis): Promise<string>
  host(name: string): Promise<Host>
  revoke(name: string): Promise<void>
  remove(name: string): Promise<void>
  /** `code why`, oldest first. */
  audit(action: string): Promise<string[]>
  call(who: Credentials, method: string, path: string, body?: unknown): Promise<Reply>
  stop(): Promise<void>
}

export async function openAgentDoor(): Promise<AgentDoor> {
  const folder = await mkdtemp(join(tmpdir(), `sallyport-agents-${process.pid}-`))
  const store = await openSqliteStore(folder)
  let offset = 0
  const errors: string[] = []
  const log = { error: (_fields: object, message: string) => errors.push(message), warn: () => {}, info: () => {} }
  const clock = { now: () => Date.now() + offset }
  const authority = await openHostAuthority({ store, clock, secrets: sealerOf(randomBytes(32)) })
  const listener = createAgentListener({
    store,
    clock,
    authority,
    owner: 'this-server',
    log,
    timer: { sleep: (millis, signal) => pause(millis, undefined, { signal }).catch(() => {}) },
    chance: Math.random,
    onHosts: () => {},
    tls: await authority.listenerTls(),
  })
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 })
  const door = { server: `https://127.0.0.1:${port}`, authority: authority.certificate }
  const host = async (name: string): Promise<Host> => {
    const found = await store.reads.hosts.find(keyOf(name))
    if (found === undefined) throw new Error(`there is no host ${name}`)
    return found
  }
  return {
    store,
    authority,
    listener,
    door,
    errors,
    host,
    moveClock: (by) => (offset += by),
    invite: (name, validFor = 15 * MINUTE) =>
      store.transaction(async (tx) => {
        await tx.hosts.change()
        const known =
          (await tx.hosts.find(keyOf(name))) ??
          newHost({ id: crypto.randomUUID() as HostId, machine: idOf(name), name, createdAt: clock.now() }) // a fresh one
        if (known.version === 1 && known.generation === 0) await tx.hosts.put(known)
        const { text, hash } = authority.newToken()
        await tx.hosts.addToken({ hash, host: known.id, until: clock.now() + validFor, usedAt: undefined })
        return text
      }),
    revoke: (name) =>
      store.transaction(async (tx) => {
        await tx.hosts.change()
        const found = await tx.hosts.find(keyOf(name))
        if (found !== undefined) await tx.hosts.put(revoked(found, 'administrator', clock.now()))
      }),
    remove: (name) =>
      store.transaction(async (tx) => {
        await tx.hosts.change()
        const found = await tx.hosts.find(keyOf(name))
        if (found !== undefined) await tx.hosts.remove(found.id)
      }),
    audit: async (action) => {
      const events = await store.reads.audit({}, { limit: 1_000 })
      return events
        .filter((event) => event.action === action)
        .map(({ data }) => {
          const facts = JSON.parse(data) as Record<string, string> // as it was written
          return facts['code'] ?? facts['reason'] ?? facts['name'] ?? ''
        })
    },
    call: (who, method, path, body) => callAgentDoor(who, { method, path, body }),
    stop: async () => {
      await listener.stop()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

function idOf(name: string) {
  return valueOf(
    parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.HybridCompute/machines/${name}`,
    ),
  )
}

const keyOf = (name: string) => resourceKey(idOf(name))
