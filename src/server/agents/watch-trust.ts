/**
 * Looks at the record whenever it changed: an agent whose certificate is not in force any more, or who came to another
 * server, is cut off within a second, whichever replica made the change.
 */
import type { App } from '../../app/app.ts'
import type { Timer } from '../../app/reconciler.ts'
import type { Host } from '../../domain/host.ts'
import type { Millis } from '../../domain/time.ts'
import type { AgentHub, Bye } from './agent-hub.ts'
import { notInForce } from './identify-agent.ts'

const LOOK_EVERY: Millis = 400

export interface TrustWatch {
  start(): void
  stop(): Promise<void>
}

export function watchTrust(
  deps: Pick<App, 'store' | 'log' | 'owner'> & { readonly timer: Timer; readonly onHosts: () => void },
  hub: AgentHub,
): TrustWatch {
  const stopping = new AbortController()
  let seen = -1
  let loop = Promise.resolve()
  const look = async (): Promise<void> => {
    const { hosts } = deps.store.reads
    const version = await hosts.version()
    if (version === seen) return
    const byId = new Map((await hosts.all()).map((host) => [host.id, host]))
    for (const [id, { fingerprint }] of hub.connected()) {
      const bye = whyNot(byId.get(id), { fingerprint, owner: deps.owner })
      if (bye !== undefined) hub.dismiss(id, bye)
    }
    seen = version
    deps.onHosts()
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch((cause: unknown) =>
        deps.log.warn({ cause }, 'the record of hosts could not be read; those connected stay so'),
      )
      await deps.timer.sleep(LOOK_EVERY, stopping.signal)
    }
  }
  return {
    start: () => {
      loop = run()
    },
    stop: async () => {
      stopping.abort()
      await loop
    },
  }
}

/** `servedBy` may be behind for who has just come, and then names nobody or this server. */
function whyNot(
  host: Host | undefined,
  { fingerprint, owner }: { readonly fingerprint: string; readonly owner: string },
): Bye | undefined {
  if (host === undefined) return { code: 'HostRemoved', message: 'the host was removed' }
  if (!host.certificates.includes(fingerprint)) {
    const { code, message } = notInForce(host)
    return { code, message }
  }
  if (host.servedBy !== undefined && host.servedBy !== owner)
    return { code: 'TakenOver', message: 'the agent came to another server' }
  return undefined
}
