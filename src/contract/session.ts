/** Browsers that people are signed in with, on the wire. The secret that a browser holds is in its cookie and nowhere else. */
import { z } from 'zod'
import { text, utcTime } from './text.ts'

export const currentSession = z
  .object({
    id: z.string(),
    name: z.string(),
    principals: z.array(z.string()).meta({ description: 'Your object id, then the ids of your groups' }),
    issuer: z.string(),
    startedAt: utcTime,
    endsAt: utcTime.meta({ description: 'When it ends unless it is used before' }),
    endsAtLatest: utcTime.meta({ description: 'When it ends however much it is used' }),
    csrfToken: z.string().meta({ description: 'To be sent as x-csrf-token with every call that changes something' }),
  })
  .meta({ id: 'CurrentSession' })

export type CurrentSession = z.infer<typeof currentSession>

export const session = z
  .object({
    id: z.string(),
    address: z.string().meta({ description: 'Where it was signed in from' }),
    browser: z.string().meta({ description: 'What the browser calls itself' }),
    issuer: z.string(),
    startedAt: utcTime,
    lastSeenAt: utcTime,
    endsAt: utcTime,
    isCurrent: z.boolean().meta({ description: 'Whether this call came with it' }),
  })
  .meta({ id: 'Session' })

export type WireSession = z.infer<typeof session>

export const sessionList = z.object({ value: z.array(session) }).meta({ id: 'SessionList' })

export const signInQuery = z.object({
  returnTo: text.optional().meta({ description: 'Where to go then: a path of this server, such as /portal?tab=1' }),
  issuer: text.optional().meta({ description: 'One of those that browsers may sign in at; the first without it' }),
  moved: text.optional().meta({ description: 'Says that the browser was sent to this address already' }),
})

export const signedOut = z
  .object({
    next: z
      .url()
      .optional()
      .meta({ description: "Where to go to be signed out at the issuer too, if it is another's" }),
  })
  .meta({ id: 'SignedOut' })

export type SignedOut = z.infer<typeof signedOut>

export const signedOutEverywhere = z
  .object({ sessions: z.number().meta({ type: 'integer', description: 'How many browsers were signed in' }) })
  .meta({ id: 'SignedOutEverywhere' })
