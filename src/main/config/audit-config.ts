/** The audit trail's part of the configuration file. What could lose events, or tell them to strangers, is refused here. */
import { z } from 'zod'
import { DAY, parseDuration, type Millis } from '../../domain/time.ts'

const duration = z.string().transform((text, context): Millis => {
  const parsed = parseDuration(text)
  if (parsed.ok) return parsed.value
  context.addIssue({ code: 'custom', message: 'a duration is written like PT5M or P365D' })
  return z.NEVER
})

const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'a sink’s name is letters, digits, . _ and -; its place in the trail is kept under it')

const receiver = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'expected HOST:PORT, like siem.example.org:6514')

const syslog = z.strictObject({
  name,
  type: z.literal('syslog'),
  address: receiver,
  transport: z.enum(['tcp', 'udp']).default('tcp'),
  /** RFC 5424 table 1; 13 is "log audit". */
  facility: z.int().min(0).max(23).default(13),
})

const receiverUrl = z
  .url({ protocol: /^https?$/, error: 'expected a URL that begins with https:// (http:// only to this machine)' })
  .refine((url) => isProtected(url), {
    error:
      'audit events are sent over HTTPS only, because they name people and machines; http:// is for this machine alone',
  })

/** A file, so that the configuration can be shown to anybody. */
const secretFile = z.string().min(1)

const webhook = z.strictObject({ name, type: z.literal('webhook'), url: receiverUrl, secretFile })

const file = z.strictObject({
  name,
  type: z.literal('file'),
  path: z.string().startsWith('/', 'expected an absolute path'),
  maxBytes: z
    .int()
    .min(64 * 1024)
    .default(64 * 1024 * 1024),
  /** Files besides the one that is being written; the oldest goes. */
  keep: z.int().min(1).max(1_000).default(10),
})

export const auditSinkList = z
  .array(z.discriminatedUnion('type', [syslog, webhook, file]))
  .refine((sinks) => new Set(sinks.map((sink) => sink.name)).size === sinks.length, {
    error: 'two sinks have the same name; their places in the trail would be mixed up',
  })
  .default([])

export type AuditSinkConfig = z.output<typeof auditSinkList>[number]

/** How the trail is proven and how long it is kept. */
export const auditSettings = z
  .strictObject({
    checkpointEvents: z.int().min(1).max(1_000_000).default(1_000),
    checkpointEvery: duration.default(5 * 60_000),
    /** Instead of `audit-checkpoints.jsonl` in the data folder: better on another disk, or another machine's. */
    checkpointFile: z.string().startsWith('/', 'expected an absolute path').optional(),
    /** Besides the file: a receiver that other people look after. */
    checkpointWebhook: z.strictObject({ url: receiverUrl, secretFile }).optional(),
    /** Left out, events are kept for ever. */
    retention: duration
      .refine((keepFor) => keepFor >= DAY, { error: 'events are kept for at least a day (P1D)' })
      .optional(),
  })
  .prefault({})

function isProtected(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
