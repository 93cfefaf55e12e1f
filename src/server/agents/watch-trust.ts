/**
 * Looks at the record whenever it changed: an agent whose certificate is not in force any more, or who came to another
 * server, is cut off within a second, whichever replica made the change; so is one whose certificate ends.
 */
import type { App } from '../../app/app.ts'
import { NOT_IN_FORCE } from '../../app/hosts/enrol-host.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import type { Host } from '../../domain/hosts/host.ts'
import type { Millis } from '../../domain/time.ts'
import type { AgentHub, Bye } from './agent-hub.ts'
import { notInForce } from './identify-agent.ts'

const LOOK_EVERY: Millis = 400
/** Who comes while the record is read may be missed by that look: from time to time all are looked at. */
const READ_EVERY_NTH = 25

export interface TrustWatch {
  start(): void
  stop(): Promise<void>
}

export function watchTrust(
  deps: Pick<App, 'store' | 'clock' | 'log' | 'owner'> & { readonly timer: Timer; readonly onHosts: () => void },
  hub: AgentHub,
): TrustWatch {
  const stopping = new AbortController()
  let seen = -1
  let looks = 0
  let hasSomebodyCome = false
  hub.onChange(({ kind }) => {
    if (kind === 'came') hasSomebodyCome = true
  })
  let loop = Promise.resolve()
  const look = async (): Promise<void> => {
    const { hosts } = deps.store.reads
    for (const [id, { endsAt }] of hub.connected()) if (endsAt <= deps.clock.now()) hub.dismiss(id, ENDED)
    looks += 1
    const mustRead = hasSomebodyCome && looks % READ_EVERY_NTH === 0
    const version = await hosts.version()
    if (version === seen && !mustRead) return
    if (mustRead) hasSomebodyCome = false
    const byId = new Map((await hosts.all()).map((host) => [host.id, host]))
    for (const [id, { fingerprint }] of hub.connected()) {
      const bye = whyNot(byId.get(id), { fingerprint, owner: deps.owner })
      if (bye !== undefined) hub.dismiss(id, bye)
    }
    if (version === seen) return
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

const ENDED: Bye = {
  code: NOT_IN_FORCE.code,
  message: "the certificate has ended; enrol the host again: 'sallyport host enroll NAME'",
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
