/** The issuers whose tokens are taken, as they are configured, and whether they answer. No secret is among it. */
import { z } from 'zod'
import { utcTime } from './text.ts'

const issuer = z
  .object({
    issuer: z.string(),
    isOwn: z.boolean().meta({ description: 'Whether it is the issuer of this installation itself' }),
    audiences: z.array(z.string()),
    prefix: z.string().meta({ description: 'Stands before every id that it names; empty for none' }),
    signsIn: z
      .array(z.enum(['commandLine', 'browser']))
      .meta({ description: 'Who may sign in there, besides programs that bring a token' }),
    keys: z
      .object({
        state: z.enum(['own', 'read', 'failing']).meta({
          description: 'failing: it did not answer as it should the last time; keys of the last day still count',
        }),
        readAt: utcTime.optional().meta({ description: 'When its keys were last read' }),
        problem: z.string().optional(),
      })
      .meta({ description: 'As the server that answers has them' }),
  })
  .meta({ id: 'Issuer' })

export type WireIssuer = z.infer<typeof issuer>

export const issuerList = z.object({ value: z.array(issuer) }).meta({ id: 'IssuerList' })

export type WireIssuerList = z.infer<typeof issuerList>
