/** One server that a person works with, and how they sign in there. Holds no token and no secret. */
import { usageFailure } from '../failure.ts'

/** How a program proves who it is. Files are read anew at each sign-in, so that what they hold may rotate. */
export type Proof =
  | { readonly kind: 'secret'; readonly file: string }
  | { readonly kind: 'certificate'; readonly file: string }
  | { readonly kind: 'federated'; readonly file: string }
  /** GitHub Actions mints a token for each sign-in. */
  | { readonly kind: 'github'; readonly audience: string }
  /** A token that GitLab, or anybody, puts into a variable. */
  | { readonly kind: 'variable'; readonly name: string }

export interface IssuerClient {
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
}

export type SignedIn =
  /** A person, by browser or device code: renewed by a refresh token. */
  | ({ readonly by: 'person' } & IssuerClient)
  | ({ readonly by: 'program'; readonly proof: Proof } & IssuerClient)
  /** The token of another issuer as it is, such as a CI system's, which the server trusts by itself. */
  | { readonly by: 'foreign token'; readonly proof: Proof }
  | { readonly by: 'token file'; readonly file: string }

export interface Context {
  readonly name: string
  /** Without a slash at the end. */
  readonly server: string
  /** PEM of the authority to trust for this server, where the machine does not know it. */
  readonly ca?: string
  /** Where its tokens are. */
  readonly keep: 'file' | 'keyring'
  /** Left out after logout. */
  readonly signedIn?: SignedIn
  /** As whom, as the server said. */
  readonly account?: string
}

export interface Contexts {
  readonly current: string | undefined
  readonly contexts: readonly Context[]
}

export const NO_CONTEXTS: Contexts = { current: undefined, contexts: [] }

/** A name is a file's name too, on every system. */
export function checkedContextName(name: string): string {
  if (isDevice(name)) throw usageFailure(`'${name}' is what Windows calls a device; take another name for the context`)
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name
  throw usageFailure(`'${name}' is no name for a context; use up to 64 letters, digits, dots, _ and -`)
}

/** Windows opens a device by these names, whatever follows a dot: https://learn.microsoft.com/windows/win32/fileio/naming-a-file. */
export function isDevice(name: string): boolean {
  return /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)
}

/** A file system that does not tell A from a would keep the tokens of both in one file, and send one server the other's. */
export function refuseTwin(name: string, { contexts }: Contexts): void {
  const twin = contexts.find((context) => context.name !== name && context.name.toLowerCase() === name.toLowerCase())
  if (twin !== undefined)
    throw usageFailure(`there is a context '${twin.name}' already; take a name that is not the same in small letters`)
}

/** `https://jit.example.org:8443` is called `jit.example.org-8443`. */
export function contextNameOf(server: string): string {
  const name = new URL(server).host.replaceAll(/[^A-Za-z0-9.-]+/g, '-').replaceAll(/^[.-]+|-+$/g, '')
  return name === '' ? 'default' : name.slice(0, 64)
}

/** Those of one server, the one in use first. */
export function contextsAt(server: string, { current, contexts }: Contexts): readonly Context[] {
  const fitting = contexts.filter((context) => sameOrigin(context.server, server))
  return fitting.toSorted((a, b) => Number(b.name === current) - Number(a.name === current))
}

/** What was once trusted for a server is trusted in each of its contexts. */
export function authorityAt(server: string, contexts: Contexts): string | undefined {
  return contextsAt(server, contexts).find(({ ca }) => ca !== undefined)?.ca
}

export function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).origin === new URL(b).origin
}

export function withContext({ contexts }: Contexts, context: Context): Contexts {
  const others = contexts.filter(({ name }) => name !== context.name)
  return { current: context.name, contexts: [...others, context].toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}

export function withoutContext({ current, contexts }: Contexts, name: string): Contexts {
  return {
    current: current === name ? undefined : current,
    contexts: contexts.filter((context) => context.name !== name),
  }
}
