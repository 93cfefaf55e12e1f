/**
 * Connections to clouds on the wire. Settings are strict: a secret that is written in the wrong place is refused, not
 * kept where everybody can read it.
 */
import { z } from 'zod'
import { facts } from './facts.ts'
import { checkWords } from './posture.ts'
import { text, utcTime } from './text.ts'

const driftAndRefresh = {
  drift: z
    .enum(['repair', 'report'])
    .default('repair')
    .meta({ description: 'Whether what others change at a point is undone, or only reported' }),
  refreshEvery: text.default('PT5M').meta({ description: 'How old the inventory may be, ISO-8601' }),
}

const azureCloud = z.discriminatedUnion('name', [
  z.strictObject({ name: z.enum(['public', 'usgov', 'china']) }),
  z.strictObject({
    name: z.literal('custom'),
    endpoint: text.meta({ description: 'URL of the resource manager' }),
    authority: text.meta({ description: 'URL of who signs tokens' }),
    audience: text.optional(),
    ca: text.optional().meta({ description: 'PEM of the authorities that vouch for both' }),
  }),
])

const azureCredential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('managedIdentity'), clientId: text.optional() }),
  z.strictObject({ kind: z.literal('clientSecret'), clientId: text }),
  z.strictObject({ kind: z.literal('certificate'), clientId: text }),
  z.strictObject({ kind: z.literal('workloadIdentity'), clientId: text, tokenFile: text.optional() }),
])

const band = z.strictObject({ from: z.int(), to: z.int() })

const azureSettings = z.strictObject({
  kind: z.literal('azure'),
  ...driftAndRefresh,
  cloud: azureCloud.default({ name: 'public' }),
  tenant: text.meta({ description: 'GUID or domain of the tenant' }),
  subscriptions: z.array(text),
  credential: azureCredential,
  firewallPolicies: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether firewalls that policies manage may be changed; an extension of ours' }),
  bands: z
    .strictObject({ allow: band, deny: band })
    .optional()
    .meta({ description: 'Priorities that our rules may have' }),
})

const awsCredential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('instanceRole') }),
  z.strictObject({ kind: z.literal('profile'), profile: text }),
  z.strictObject({ kind: z.literal('staticKeys'), accessKeyId: text }),
])

const awsSettings = z.strictObject({
  kind: z.literal('aws'),
  ...driftAndRefresh,
  credential: awsCredential,
  accounts: z
    .array(z.strictObject({ account: text, roleArn: text, externalId: text.optional() }))
    .default([])
    .meta({ description: 'Roles to assume; none: the account of the credential itself' }),
  regions: z.array(text),
  endpoint: text.optional().meta({ description: 'URL to ask instead of AWS itself' }),
  belt: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether a schedule in the account revokes each hole at its end, even without this server' }),
  quotas: z.strictObject({ rulesPerGroup: z.int(), groupsPerInterface: z.int() }).optional(),
})

const connectionSettings = z.discriminatedUnion('kind', [azureSettings, awsSettings]).meta({ id: 'ConnectionSettings' })

export type WireConnectionSettings = z.infer<typeof connectionSettings>

export const connectionBody = z
  .strictObject({
    settings: connectionSettings,
    secret: text.optional().meta({
      description:
        'Client secret, certificate with private key (PEM) or secret access key; never given back. Left out: the one that is kept stays',
    }),
  })
  .meta({ id: 'ConnectionBody' })

const inventory = z
  .object({
    state: z.enum(['unread', 'fresh', 'stale']),
    machines: z.int(),
    readAt: utcTime.optional(),
    staleSince: utcTime.optional().meta({ description: 'When reading it began to fail' }),
    problem: z.string().optional().meta({ description: 'Why it could not be read the last time' }),
    warnings: z.array(z.object({ code: z.string(), message: z.string(), facts: facts.optional() })),
  })
  .meta({ id: 'ConnectionInventory' })

export const connection = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['azure', 'aws']),
    settings: connectionSettings,
    hasSecret: z.boolean(),
    version: z.int(),
    createdAt: utcTime,
    updatedAt: utcTime,
    inventory: inventory.meta({ description: 'As the server that answers has it' }),
  })
  .meta({ id: 'Connection' })

export type WireConnection = z.infer<typeof connection>

export const connectionList = z.object({ value: z.array(connection) }).meta({ id: 'ConnectionList' })

export type WireConnectionList = z.infer<typeof connectionList>

const connectionCheck = z
  .object({
    name: z.string().meta({ description: 'What was tried' }),
    scope: z.string().meta({ description: 'Where' }),
    status: z.enum(['ok', 'missing', 'unknown']),
    ...checkWords,
  })
  .meta({ id: 'ConnectionCheck' })

export type WireConnectionCheck = z.infer<typeof connectionCheck>

export const connectionCheckList = z.object({ value: z.array(connectionCheck) }).meta({ id: 'ConnectionCheckList' })

export type WireConnectionCheckList = z.infer<typeof connectionCheckList>
