/** Hosts that run the agent, as Sallyport's own interface shows them. */
import { z } from 'zod'
import { because, checkWords } from './posture.ts'
import { facts } from './facts.ts'
import { portNumber, text, top, utcTime } from './text.ts'

const HOST_STATES = ['neverEnrolled', 'enrolled', 'connected', 'unreachable', 'revoked'] as const

const labels = z.record(text, text).meta({ description: 'Names and values, such as {"env":"prod"}' })

const behind = z
  .object({
    id: z.string().meta({ description: 'Resource id of the machine' }),
    name: z.string(),
    addresses: z.array(z.string()),
    os: z.enum(['Linux', 'Windows']),
  })
  .meta({ id: 'MachineBehind' })

export const gatewaySettings = z
  .strictObject({
    publicAddresses: z
      .array(
        z.strictObject({
          address: text.meta({ description: 'What people connect to' }),
          seenAs: text
            .optional()
            .meta({ description: 'As packets for it arrive at the gateway, where a device before it translates' }),
        }),
      )
      .default([]),
    mappedPorts: z
      .strictObject({ from: portNumber, to: portNumber })
      .default({ from: 40_000, to: 49_999 })
      .meta({ description: 'Where the ports of its own are chosen from by which machines are reached' }),
    snat: z
      .boolean()
      .default(false)
      .meta({ description: 'true: machines see the gateway as the client; false: the client itself' }),
  })
  .meta({ id: 'GatewaySettings' })

export type WireGatewaySettings = z.infer<typeof gatewaySettings>

export const host = z
  .object({
    id: z.string().meta({ description: 'Resource id, by which policies and requests name it' }),
    name: z.string(),
    kind: z.enum(['host', 'gateway']),
    state: z.enum(HOST_STATES).meta({
      description:
        'neverEnrolled: waits for its agent to enrol; enrolled: its agent has not reported yet; connected; unreachable: its agent was connected and is not; revoked: no certificate of it is taken any more',
    }),
    unreachableSince: utcTime.optional().meta({
      description:
        'When its agent was last heard. Where the server that it was connected to died this is lastSeenAt, and it may have been heard up to two minutes later',
    }),
    lastSeenAt: utcTime.optional().meta({ description: 'The last that was put on record of its agent' }),
    labels,
    addresses: z.array(z.string()).meta({ description: 'As its agent tells' }),
    system: z.string().optional().meta({ description: 'Such as Debian GNU/Linux 12 (bookworm)' }),
    kernel: z.string().optional(),
    architecture: z.string().optional(),
    agentVersion: z.string().optional(),
    upgrade: z
      .string()
      .optional()
      .meta({ description: 'A sentence, when the server has another version of the agent' }),
    upgradeBecause: because.optional().meta({ description: 'What that sentence says' }),
    unsupported: z
      .object({ code: z.string(), message: z.string(), facts: facts.optional() })
      .optional()
      .meta({ description: 'Why it cannot be protected' }),
    generation: z.int().meta({ description: 'How often it was enrolled; certificates of earlier times are refused' }),
    enrolledAt: utcTime.optional(),
    revokedAt: utcTime.optional(),
    revokedBecause: z.enum(['administrator', 'cloned']).optional(),
    certificateEndsAt: utcTime.optional(),
    clock: z
      .object({ wallOffset: z.number(), roundTrip: z.number() })
      .optional()
      .meta({ description: "How far its wall clock is from the server's, and how long an answer takes; milliseconds" }),
    findings: z
      .array(
        z.object({
          name: z.string(),
          status: z.enum(['ok', 'warning', 'failed']),
          ...checkWords,
        }),
      )
      .meta({ description: 'What its agent wants a person to know' }),
    behind: z.array(behind).meta({ description: 'Of a gateway: the machines behind it' }),
    gateway: gatewaySettings.optional(),
    version: z.int(),
    createdAt: utcTime,
  })
  .meta({ id: 'Host' })

export type WireHost = z.infer<typeof host>

export const hostList = z.object({ value: z.array(host), nextLink: z.string().optional() }).meta({ id: 'HostList' })

export type WireHostList = z.infer<typeof hostList>

export const hostQuery = z.object({
  top,
  after: text.optional().meta({ description: 'Name of the last host seen' }),
  search: text.optional().meta({ description: 'Part of the name' }),
  selector: text.optional().meta({ description: 'Labels that it has, such as env=prod,tier=web' }),
  state: z.enum(HOST_STATES).optional(),
})

export const enrollHostBody = z
  .strictObject({
    kind: z.enum(['host', 'gateway']).optional().meta({ description: 'Of a new one; host when left out' }),
    labels: labels.optional().meta({ description: 'Of a new one' }),
    gateway: gatewaySettings.optional().meta({ description: 'Of a new gateway' }),
    validFor: text.default('PT15M').meta({ description: 'How long the command is good, ISO-8601; at most P1D' }),
  })
  .meta({ id: 'EnrollHost' })

/** Shown once. */
export const hostEnrollment = z
  .object({
    host,
    command: z
      .string()
      .meta({ description: 'To be run on the host once, as root; without sudo, which not every host has' }),
    server: z.string().meta({ description: 'Where agents connect to' }),
    token: z.string(),
    fingerprint: z.string().meta({ description: 'Of the authority that the agent is to trust: sha256:…' }),
    until: utcTime,
  })
  .meta({ id: 'HostEnrollment' })

export type WireHostEnrollment = z.infer<typeof hostEnrollment>

export const hostLabelsBody = z.strictObject({ labels }).meta({ id: 'HostLabels' })

export const machineBehindBody = z
  .strictObject({
    addresses: z.array(text).meta({ description: 'Of the machine, as the gateway reaches it' }),
    os: z.enum(['Linux', 'Windows']).default('Linux'),
  })
  .meta({ id: 'MachineBehindBody' })

export const hostLogs = z
  .object({ value: z.array(z.object({ at: utcTime, level: z.string(), text: z.string() })) })
  .meta({ id: 'HostLogs' })

export type WireHostLogs = z.infer<typeof hostLogs>
