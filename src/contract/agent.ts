/**
 * What the server and an agent on a Linux host say to each other, over mutual TLS that the agent opens. It is
 * level-based: the server offers the whole desired document, the agent makes the kernel equal to it in one transaction and
 * reports what it observed. Only the newest of either matters; losing any message costs time and never correctness.
 *
 * Every instant is the server's clock in milliseconds since the epoch. The agent measures how far that is from its own
 * steady clock ({@link clockAnswer}) and takes the latest it can be, so that a hole closes early rather than late.
 */
import { z } from 'zod'
import { ON_EXPIRY } from '../domain/access/flow.ts'
import { STEP_KINDS } from '../domain/access/step.ts'
import { facts } from './facts.ts'
import { portNumber, text } from './text.ts'

/** The version of this wire; the server refuses an agent of another one with a sentence that says which to install. */
export const AGENT_WIRE = 1
/** The oldest agent whose kernel half is as this server believes it to be. */
export const OLDEST_AGENT = '0.1.0'

/** To the end of the year 9999: what is beyond can be written down nowhere. */
const instant = z.number().min(0).max(253_402_300_799_999)
/**
 * As `z.array`, but one that does not fit is enough: of a million that do not, `z.array` tells a million times why, and that
 * takes a gigabyte and seconds in which nobody else is answered.
 */
function list<T>(item: z.ZodType<T>) {
  return z.unknown().transform((value, context): T[] => {
    if (!Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'expected a list' })
      return z.NEVER
    }
    const items: T[] = []
    for (const [index, one] of value.entries()) {
      const read = item.safeParse(one)
      if (read.success) items.push(read.data)
      else {
        const message = read.error.issues[0]?.message ?? 'does not fit'
        context.addIssue({ code: 'custom', path: [index, ...(read.error.issues[0]?.path ?? [])], message })
        return z.NEVER
      }
    }
    return items
  })
}

const protocol = z.enum(['TCP', 'UDP', '*'])
const protectedPort = z.object({ number: portNumber, protocol, onExpiry: z.enum(ON_EXPIRY).optional() })

export const shieldWire = z.object({
  /** The machine's resource id. */
  machine: text,
  policy: text,
  ports: list(protectedPort),
  publicIpAddress: text.optional(),
})

export const holeWire = z.object({
  machine: text,
  port: portNumber,
  protocol,
  /** `*` or a prefix. */
  source: text,
  until: instant,
  grants: list(text),
})

/** What the host's kernel should carry. */
export const hostDocument = z.object({
  /** Means nothing but itself: the report of the same version is about this document. */
  version: text,
  /** The host's own resource id, which shields and holes name; a gateway's name machines behind it too. */
  machine: text,
  /** The server's clock when it was sent; at its arrival it is at least this. */
  sentAt: instant,
  shields: list(shieldWire),
  holes: list(holeWire),
  settings: z.object({
    /** What to do about changes of others: put them right, or only tell of them. */
    drift: z.enum(['repair', 'report']),
    /** The agent's version that the server would install. */
    recommendedVersion: text.optional(),
    /** Of a gateway; the shape is the driver's own (domain/hosts/gateway.ts). */
    gateway: z.unknown().optional(),
  }),
  /** As the server has it on record: an agent that has lost its own begins with it, and mapped ports stay what people were told. */
  journal: list(z.object({ key: text, value: text })).optional(),
})

/**
 * Ends the version that an agent tells of where it keeps the document's holes closed until it is told anew: after a boot, for the
 * server may have closed them meanwhile, and where its disk could not take the last one.
 */
export const WITHOUT_HOLES = ' without holes'

export type HostDocument = z.infer<typeof hostDocument>
export type WireHole = z.infer<typeof holeWire>
export type WireShield = z.infer<typeof shieldWire>

const becauseWire = z.object({ code: text, facts: facts.optional() })
const clauseWire = z.object({ text, code: text.optional(), facts: facts.optional() })
/** As domain/sentence.ts has it. */
const saidWire = clauseWire.extend({ also: list(clauseWire).optional() })

/** What the kernel was seen to carry, judged by the same code that writes it. */
export const hostState = z.object({
  /** Of the document that it was compared with; empty when the agent has none. */
  version: text,
  shields: list(shieldWire),
  /** Open as the document says, with its end. */
  held: list(holeWire),
  /** Slots (domain/access/hole.ts) with a hole of ours that the document does not want. */
  lingering: list(text),
  /** Holes of the document that this kernel cannot carry, by their keys (domain/access/hole.ts). */
  impossible: list(z.object({ hole: text, code: text, message: text, facts: facts.optional() })),
  /** What is still to be done, in sentences; empty when the kernel is as the document says. */
  left: list(text),
  /** The same, with their codes. */
  leftSteps: list(saidWire).optional(),
  /** The driver's journal, which the server must know of: the mapped ports of a gateway (domain/access/reach.ts). */
  journal: list(z.object({ key: text, value: text })).optional(),
})

export type HostState = z.infer<typeof hostState>

const reasonWire = z.object({ code: text, message: text, facts: facts.optional() })

const exposingRule = z.object({ rule: text, priority: z.number().optional(), of: text, point: text.optional() })

/** As domain/posture.ts has it. */
const exposureWire = z.object({
  port: portNumber,
  protocol: z.enum(['TCP', 'UDP']),
  breadth: z.enum(['everybody', 'some']),
  from: list(text),
  letIn: z.enum(['yes', 'maybe']),
  address: text,
  publicAddress: text.optional(),
  through: list(exposingRule),
  grants: list(text),
  unread: reasonWire.optional(),
})

/** What not every agent answers: what a document would change, and whether a port carries the asker's own connection. */
export const QUESTIONS = ['plan', 'preflight'] as const

export type Question = (typeof QUESTIONS)[number]

/** What changes seldom: told at the start and when it changes. */
export const hostFacts = z.object({
  agentVersion: text,
  hostname: text,
  /** `Debian GNU/Linux 12 (bookworm)`. */
  system: text,
  kernel: text,
  architecture: text,
  addresses: list(text),
  /** Another one after each boot (`/proc/sys/kernel/random/boot_id`). */
  bootId: text,
  startedAt: instant,
  /** Why this host cannot be protected; empty when it can. */
  unsupported: list(reasonWire),
  /** What it answers beyond what every agent does ({@link QUESTIONS}). What is not named here must not be asked. */
  answers: list(text).optional(),
})

export type HostFacts = z.infer<typeof hostFacts>

/** As domain/access/flow.ts has it. */
const flowWire = z.object({
  /** The machine's key. */
  machine: text,
  protocol: z.enum(['TCP', 'UDP', 'SCTP']),
  from: text,
  fromPort: portNumber,
  to: text,
  port: portNumber,
  since: instant.optional(),
})

export const hostReport = z.object({
  /**
   * Grows with every report of one agent installation, also over restarts and when a report is repeated; 1 is the first
   * after enrolment. One that does not grow is a cloned key, and so is a boot id of which another was seen since: the
   * certificate is revoked.
   */
  sequence: z.int().min(0),
  bootId: text,
  state: hostState,
  /** The questions (`ids` of looks) that this answers. Where it is not said, the agent knows of no ids: it answers all. */
  looks: list(text).optional(),
  facts: hostFacts.optional(),
  /** Of the management ports and the protected ones: who gets in by the rules of others. By machine's resource id. */
  exposures: list(z.object({ machine: text, exposures: list(exposureWire) })).optional(),
  /** What others changed since the last report, and what was done about it. */
  drift: list(
    z.object({
      at: instant,
      by: text.optional(),
      steps: list(text),
      /** The same, with their codes. */
      told: list(saidWire).optional(),
      repaired: z.boolean(),
    }),
  ).optional(),
  /** Who is connected by holes of ours, also by such as are gone; told when the server says to look. */
  flows: list(flowWire).optional(),
  /** Who was cut off since the last report, because the hole that they came by is gone and its policy says so. */
  cut: list(flowWire).optional(),
  /** How far the wall clock is from the server's, and how long an answer takes, in milliseconds. */
  clock: z.object({ wallOffset: z.number(), roundTrip: z.number() }).optional(),
  /** What a person should know about the host, as doctor's checks. */
  findings: list(
    z.object({
      name: text,
      status: z.enum(['ok', 'warning', 'failed']),
      text,
      because: becauseWire.optional(),
      remedy: text.optional(),
      remedyBecause: becauseWire.optional(),
    }),
  ).optional(),
})

export type HostReport = z.infer<typeof hostReport>

/** As app/ports/driver.ts has it. */
const stepWire = saidWire.extend({ kind: z.enum(STEP_KINDS) })

const logLine = z.object({ at: instant, level: text, text })

/**
 * Over the stream (a WebSocket at {@link AGENT_PATHS}.stream, one JSON text each): from the server. The agent carries them
 * out in the order in which they came, and reports over a new connection only when nothing of an earlier one is still to
 * be carried out: a report must never be overtaken by a document that the server believes lost.
 */
export const toAgent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('document'), document: hostDocument }),
  /** Look at the kernel now, and report. */
  z.object({
    type: z.literal('look'),
    /** Of the questions that the report answers; several, where one look is as good as two. */
    ids: list(text).optional(),
    /** Only at these (domain/access/hole.ts); at everything where it is not said. */
    slots: list(text).optional(),
    /** Who is connected, too; also where it is not said. */
    flows: z.boolean().optional(),
  }),
  /** Say what would be done if this were the document, by everything that is on the host. Nothing is changed. */
  z.object({ type: z.literal('plan'), id: text, document: hostDocument }),
  /** Say which of the host's own ports should not be protected now, because whoever asks is connected there. */
  z.object({
    type: z.literal('preflight'),
    id: text,
    ports: list(protectedPort),
    caller: z.object({ address: text, shell: z.object({ address: text, port: portNumber }).optional() }),
  }),
  z.object({ type: z.literal('clock'), sent: z.number(), server: instant }),
  z.object({ type: z.literal('logs'), id: text, lines: z.int().min(1).max(1000) }),
  /** Says goodbye before it closes: the certificate was revoked, another connection took over, the server stops. */
  z.object({
    type: z.literal('bye'),
    code: text,
    message: text,
    /** Milliseconds: each agent is told another time to come back, so that not all come at once. */
    retryAfter: z.number().min(0).optional(),
  }),
])

export type ToAgent = z.infer<typeof toAgent>

/** From the agent. */
export const fromAgent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('report'), report: hostReport }),
  /** `sent` comes back with the server's clock; the time between is the round trip. */
  z.object({ type: z.literal('clock'), sent: z.number() }),
  z.object({ type: z.literal('logs'), id: text, lines: list(logLine) }),
  /** One of both: what would be done, or why nobody can say. */
  z.object({ type: z.literal('plan'), id: text, steps: list(stepWire).optional(), failure: text.optional() }),
  /** One of both, as of a plan. */
  z.object({ type: z.literal('preflight'), id: text, refusals: list(reasonWire).optional(), failure: text.optional() }),
])

export type FromAgent = z.infer<typeof fromAgent>

/** Without a client certificate; the token is good once. The agent trusts the server by the authority's fingerprint. */
export const enrollBody = z.object({
  wire: z.int(),
  token: text,
  /** PEM; the subject is ignored, for the server says what the host is called. */
  csr: text,
  facts: hostFacts,
})

export type EnrollBody = z.infer<typeof enrollBody>

/** Over mutual TLS, with the certificate that is to be replaced. */
export const renewBody = z.object({ csr: text })

export const enrollAnswer = z.object({
  host: text.meta({ description: 'Names the host to the server for ever' }),
  /** Resource id. */
  machine: text,
  /** PEM, with nothing but the host's own. */
  certificate: text,
  /** PEM of the authority that signs servers and agents of this installation. */
  authority: text,
  generation: z.int(),
  /** When to renew, on the server's clock. */
  renewAt: instant,
  serverTime: instant,
})

export type EnrollAnswer = z.infer<typeof enrollAnswer>

export const clockAnswer = z.object({ server: instant })

/**
 * The name in the certificate of every listener of an installation, whatever address it is reached by: an agent asks for it
 * (SNI) and checks it, and who signed it.
 */
export const AGENT_SERVER_NAME = 'agents.sallyport.internal'

/**
 * Where no stream gets through, `document` is asked again and again: the answer is the next {@link ToAgent}, or after 25 s
 * 204. `after` is the version of the document that the agent has. What {@link FromAgent} says is posted to `report`.
 * Everything else is refused without a certificate of the authority that is in force.
 */
export const AGENT_PATHS = {
  enroll: '/agent/v1/enroll',
  renew: '/agent/v1/renew',
  stream: '/agent/v1/stream',
  document: '/agent/v1/document',
  report: '/agent/v1/report',
  clock: '/agent/v1/clock',
} as const
