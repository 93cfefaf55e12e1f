/** The installation's own users, groups and service principals on the wire. Secrets are in one answer each, never again. */
import { z } from 'zod'
import { text, utcTime } from './text.ts'

export const user = z
  .object({
    id: z.string(),
    name: z.string(),
    displayName: z.string(),
    disabled: z.boolean(),
    mustChangePassword: z.boolean(),
    oneTimeCode: z.boolean().meta({ description: 'Whether signing in asks for a one-time code' }),
    createdAt: utcTime,
  })
  .meta({ id: 'User' })

export type WireUser = z.infer<typeof user>

export const userList = z.object({ value: z.array(user), nextLink: z.string().optional() }).meta({ id: 'UserList' })

export const madeUser = z
  .object({
    user,
    password: z.string().optional().meta({ description: 'The password that was made; shown this once' }),
    keyUri: z.string().optional().meta({ description: 'For an authenticator app; shown this once' }),
  })
  .meta({ id: 'MadeUser' })

export type WireMadeUser = z.infer<typeof madeUser>

export const newUser = z
  .object({ name: text, displayName: text.optional(), password: text.optional() })
  .meta({ id: 'NewUser' })

export const userChange = z
  .object({ change: z.enum(['disable', 'enable', 'reset-password', 'sign-out', 'set-code', 'remove-code']) })
  .meta({ id: 'UserChange' })

export const group = z
  .object({
    id: z.string(),
    name: z.string(),
    members: z.array(z.string()).meta({ description: 'Ids of users and service principals' }),
    createdAt: utcTime,
  })
  .meta({ id: 'Group' })

export type WireGroup = z.infer<typeof group>

export const groupList = z.object({ value: z.array(group), nextLink: z.string().optional() }).meta({ id: 'GroupList' })

export const newGroup = z.object({ name: text }).meta({ id: 'NewGroup' })

const credential = z
  .object({
    id: z.string(),
    kind: z.enum(['secret', 'certificate', 'federated']),
    hint: z.string().meta({ description: 'How a secret begins, a certificate’s thumbprint, or an issuer' }),
    subject: z.string().optional(),
    audience: z.string().optional(),
    createdAt: utcTime,
    endsAt: utcTime,
  })
  .meta({ id: 'Credential' })

export type WireCredential = z.infer<typeof credential>

export const servicePrincipal = z
  .object({
    id: z.string().meta({ description: 'The object id, which role assignments name' }),
    appId: z.string().meta({ description: 'The client id, which it signs in with' }),
    name: z.string(),
    disabled: z.boolean(),
    credentials: z.array(credential),
    createdAt: utcTime,
  })
  .meta({ id: 'ServicePrincipal' })

export type WireServicePrincipal = z.infer<typeof servicePrincipal>

export const servicePrincipalList = z
  .object({ value: z.array(servicePrincipal), nextLink: z.string().optional() })
  .meta({ id: 'ServicePrincipalList' })

export const newServicePrincipal = z.object({ name: text }).meta({ id: 'NewServicePrincipal' })

const days = z.number().int().default(365).meta({ description: 'How long it lives: 1 to 730 days' })

export const newCredential = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('secret'), days }),
    z.object({ kind: z.literal('certificate'), pem: text }),
    z.object({ kind: z.literal('federated'), issuer: text, subject: text, audience: text, days }),
  ])
  .meta({ id: 'NewCredential' })

export const addedCredential = z
  .object({
    servicePrincipal,
    credential,
    tenant: z.string().meta({ description: 'The tenant to sign in to' }),
    secret: z.string().optional().meta({ description: 'The secret; shown this once' }),
  })
  .meta({ id: 'AddedCredential' })

export type WireAddedCredential = z.infer<typeof addedCredential>
