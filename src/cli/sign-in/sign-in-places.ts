/** Where to sign in for a server, and as which client: the server's own word, unless the command line says otherwise. */
import type { SignInPlace, SignInPlaces } from '../../contract/sign-in.ts'
import { having } from '../calls/answers.ts'
import { clientOf } from '../calls/client.ts'
import type { IssuerClient } from '../contexts/context.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'

export interface Wanted {
  readonly issuer?: string
  readonly clientId?: string
  readonly scope?: string
}

/** What a program is: its own client id, and not the command line's. */
export async function issuerFor(server: string, wanted: Wanted): Promise<IssuerClient> {
  const { issuer, clientId, scope } = wanted
  if (issuer !== undefined && clientId !== undefined && scope !== undefined) return { issuer, clientId, scope }
  const place = choose(await signInPlaces(server), { server, wanted })
  return { issuer: place.issuer, clientId: clientId ?? place.clientId, scope: scope ?? place.scope }
}

/** Asked without a token: nobody is signed in yet. */
async function signInPlaces(server: string): Promise<readonly SignInPlace[]> {
  const client = clientOf({ url: server, bearer: undefined })
  const { body } = await client.call({ path: '/.well-known/sallyport' })
  return (having(body, 'sallyport', 'issuers') as SignInPlaces).issuers // as the contract promises of this route
}

interface Choice {
  readonly server: string
  readonly wanted: Wanted
}

function choose(places: readonly SignInPlace[], { server, wanted: { issuer } }: Choice): SignInPlace {
  const named = places.filter((place) => issuer === undefined || isNamed(place, issuer))
  const found = named.find(({ isOwn }) => isOwn) ?? named[0]
  if (found !== undefined) return found
  if (issuer !== undefined) {
    const known = places.map((place) => `${place.issuer} (${place.name})`).join(', ') || 'none'
    throw usageFailure(
      `${server} tells of no issuer '${issuer}'; it tells of ${known}`,
      'with it: --client-id and --scope',
    )
  }
  throw new Failure(EXIT.notSignedIn, `${server} names no issuer to sign in at`, {
    remedy:
      '--token-file FILE; its administrator gives the server an address that stays (--public-url), or an issuer with cliSignIn',
  })
}

function isNamed({ issuer, name }: SignInPlace, typed: string): boolean {
  return issuer === typed || issuer === `${typed}/` || name.toLowerCase() === typed.toLowerCase()
}
