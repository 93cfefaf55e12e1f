/**
 * The audit trail's own life beside the server: signs where it stands, drops what is too old, brings events to sinks.
 * Stops last but the store, so that what the rest does while it stops is in it too.
 */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../app/app.ts'
import { dropOldEvents } from '../../app/audit/drop-old-events.ts'
import { carryOut, checkpointIfDue, type CheckpointPlace, type TrailKeeping } from '../../app/audit/keep-trail.ts'
import type { AuditSink } from '../../app/ports/trail.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import { streamAudit } from '../../app/audit/stream-audit.ts'
import type { WatchedSink } from '../../app/audit/show-audit-status.ts'
import type { TrailFinding } from '../../app/audit/verify-activity.ts'
import type { AuditAction } from '../../domain/audit/audit.ts'
import { checkpointFromLine, type SignedCheckpoint } from '../../domain/audit/audit-checkpoint.ts'
import { HOUR, SECOND } from '../../domain/time.ts'
import { fileSink } from '../../sinks/file-sink.ts'
import { syslogSink } from '../../sinks/syslog-sink.ts'
import { webhookSink } from '../../sinks/webhook-sink.ts'
import { verifyTrail } from '../../store/verify-audit.ts'
import type { AuditSinkConfig } from '../config/audit-config.ts'
import { CHECKPOINT_FILE, checkpointFile, wholeLinesOf } from './checkpoint-file.ts'
import { checkpointWebhook } from './checkpoint-webhook.ts'
import type { Config } from '../config/config.ts'
import { openTrailSigner, trailKeyring } from './trail-key.ts'

export interface AuditTrail {
  readonly sinks: readonly WatchedSink[]
  verify(): Promise<TrailFinding>
  stop(): Promise<void>
}

type AuditConfig = Pick<Config, 'data' | 'audit' | 'auditSinks'>

export async function startAuditTrail(app: App, config: AuditConfig, timer: Timer): Promise<AuditTrail> {
  const { audit, data } = config
  const path = audit.checkpointFile ?? join(data, CHECKPOINT_FILE)
  const keeping: TrailKeeping = {
    ...app,
    signer: await openTrailSigner(data),
    places: [checkpointFile(path), ...(await webhooksFor(app, config))],
    everyEvents: audit.checkpointEvents,
    every: audit.checkpointEvery,
  }
  const sinks = await Promise.all(config.auditSinks.map((sink) => openSink(app, sink)))
  await compareAtStart(app, path)
  const stopping = new AbortController()
  const kept = keep(app, { keeping, config, timer, signal: stopping.signal })
  const streams = new Map(sinks.map((sink) => [sink.name, streamAudit({ ...app, timer }, sink)]))
  const isSigned = await trailKeyring(data)
  return {
    sinks: config.auditSinks.map((sink) => ({
      name: sink.name,
      kind: sink.type,
      receiver: receiverOf(sink),
      failure: () => streams.get(sink.name)?.failure(),
    })),
    verify: () => verifyTrail(app.store.reads, { isSigned, outside: () => wholeLinesOf(path) }),
    async stop() {
      stopping.abort()
      await kept
      await tellOf(app, 'server.stopped')
      await checkpointIfDue(keeping, 'always')
      await carryOut(keeping, AbortSignal.timeout(5 * SECOND)).catch((cause: unknown) => warn(app, cause))
      await Promise.all([...streams.values()].map((stream) => stream.stop()))
    },
  }
}

async function webhooksFor(app: App, { audit: { checkpointWebhook: to } }: AuditConfig): Promise<CheckpointPlace[]> {
  if (to === undefined) return []
  return [checkpointWebhook(app, { url: to.url, secret: await secretIn(to.secretFile), now: () => Date.now() })]
}

/** Cheap, and enough to notice that the database was put back to an earlier time; `audit verify` looks at everything. */
async function compareAtStart({ store, log }: App, path: string): Promise<void> {
  let newest: SignedCheckpoint | undefined
  for await (const line of wholeLinesOf(path)) newest = checkpointFromLine(line) ?? newest
  if (newest === undefined) return
  const { number, seq, hash } = newest
  const event = await store.reads.trail.event(seq)
  const { seq: dropped } = await store.reads.trail.floor()
  if (event?.hash === hash || (event === undefined && seq <= dropped)) return
  const remedy = 'was a backup restored? else ask who had access to it: sallyport audit verify, docs/operate/audit.md'
  log.error({ checkpoint: number, seq, file: path, remedy }, 'the audit trail is not the one that was signed')
}

async function tellOf({ store, clock, owner }: App, action: AuditAction): Promise<void> {
  const event = { at: clock.now(), action, actor: 'sallyport', address: '', target: owner, data: '{}' }
  await store.transaction((tx) => tx.append([event]))
}

interface Keeping {
  readonly keeping: TrailKeeping
  readonly config: AuditConfig
  readonly timer: Timer
  readonly signal: AbortSignal
}

/** Never rejects: what fails now is tried again in a second. */
async function keep(app: App, { keeping, config, timer, signal }: Keeping): Promise<void> {
  let swept = 0
  while (!signal.aborted) {
    try {
      await checkpointIfDue(keeping)
      await carryOut(keeping, signal)
      if (app.clock.now() - swept >= HOUR) {
        swept = app.clock.now()
        await sweep(keeping, config, signal)
      }
    } catch (cause) {
      warn(app, cause)
    }
    await timer.sleep(SECOND, signal)
  }
}

async function sweep(keeping: TrailKeeping, { audit, auditSinks }: AuditConfig, signal: AbortSignal): Promise<void> {
  const { retention: keepFor } = audit
  if (keepFor === undefined) return
  const dropped = await dropOldEvents({ ...keeping, keepFor, sinks: auditSinks.map(({ name }) => name) }, signal)
  if (dropped > 0) keeping.log.info({ dropped }, 'old audit events were dropped; a signed record of it stays')
}

function warn({ log }: Pick<App, 'log'>, cause: unknown): void {
  log.warn({ cause }, 'the audit trail could not be signed or written outside the database; tried again in a second')
}

async function openSink({ installation }: App, sink: AuditSinkConfig): Promise<AuditSink> {
  const { subscriptionId } = installation
  switch (sink.type) {
    case 'file':
      return fileSink(sink)
    case 'syslog':
      return syslogSink({ ...sink, ...hostAndPort(sink.address), hostname: hostname(), installation: subscriptionId })
    case 'webhook':
      return webhookSink({
        ...sink,
        secret: await secretIn(sink.secretFile),
        installation: subscriptionId,
        now: () => Date.now(),
      })
  }
}

/** Of a URL only whose it is: the rest may be what lets one in. */
function receiverOf(sink: AuditSinkConfig): string {
  switch (sink.type) {
    case 'file':
      return sink.path
    case 'syslog':
      return `${sink.address} (${sink.transport.toUpperCase()})`
    case 'webhook':
      return new URL(sink.url).origin
  }
}

const SHORTEST_SECRET = 32

async function secretIn(file: string): Promise<string> {
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length >= SHORTEST_SECRET) return secret
  throw new Error(
    `${file} must hold a secret of at least ${SHORTEST_SECRET} characters, such as the output of: openssl rand -base64 32`,
  )
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':')
  return { host: address.slice(0, colon).replaceAll(/[[\]]/g, ''), port: Number(address.slice(colon + 1)) }
}
