/** Where people and programs get tokens for this server: what the command line reads before anybody is signed in. */
import { z } from 'zod'

const place = z
  .object({
    issuer: z.string().meta({ description: 'The OpenID Connect issuer; its discovery document has the rest' }),
    name: z.string().meta({ description: 'What people call it' }),
    clientId: z.string().meta({ description: 'The public client that the command line is there' }),
    scope: z.string().meta({ description: 'What to ask for, so that the token is for this server' }),
    isOwn: z.boolean().meta({ description: 'Whether it is the issuer of this installation itself' }),
  })
  .meta({ id: 'SignInPlace' })

export type SignInPlace = z.infer<typeof place>

export const signInPlaces = z
  .object({ sallyport: z.literal(1).meta({ description: 'The form of this document' }), issuers: z.array(place) })
  .meta({ id: 'SignInPlaces' })

export type SignInPlaces = z.infer<typeof signInPlaces>
