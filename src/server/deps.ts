/** What the server is given by the composition root. It makes none of it itself and reads no environment. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import type { App } from '../app/app.ts'
import type { SessionRules } from '../app/identity/browser-sessions.ts'
import type { Vault } from '../app/ports/identity.ts'
import type { WatchedSink } from '../app/audit/show-audit-status.ts'
import type { TrailFinding } from '../app/audit/verify-activity.ts'
import type { Check } from '../contract/installation.ts'
import type { SignInPlace } from '../contract/sign-in.ts'
import type { SecurityGroup } from '../contract/security-group.ts'
import type { Result } from '../domain/refusal.ts'
import type { ResourceKey } from '../domain/resource-id.ts'
import type { TrustedKeys } from './auth/trusted-keys.ts'
import type { TrustedProxies } from './auth/caller-address.ts'
import type { PortalFiles } from './portal.ts'
import type { SignInClient } from './sessions/sign-in-client.ts'

export interface ServerDeps {
  readonly app: App
  readonly version: string
  /** Whose token it is, or why it is nobody's. Told the caller's address, for the audit trail. */
  readonly authenticate: (token: string, address: string) => Promise<Result<Principal>>
  readonly doctor: () => Promise<readonly Check[]>
  /** Checks the whole audit trail, with the checkpoints outside the database. */
  readonly verifyTrail: () => Promise<TrailFinding>
  /** Where audit events go besides the store. */
  readonly auditSinks?: readonly WatchedSink[]
  /** Undefined when requests can be served, else why not. */
  readonly unready: () => Promise<string | undefined>
  readonly metrics: Registry
  /** Network security groups to show, where a driver has them. */
  readonly nsgs?: {
    find(key: ResourceKey): SecurityGroup | undefined
    /** In a subscription or a resource group: the beginning of their keys. */
    list(within: string): readonly SecurityGroup[]
  }
  /** The tenant that subscriptions belong to: a GUID. */
  readonly tenant: string
  /** What clients call the server, when that is not how a request reaches it. */
  readonly publicUrl?: string
  /** Whose tokens are taken, and whether their keys can be read. */
  readonly issuers?: readonly TrustedKeys[]
  /** Where the command line may sign in; told to anybody. */
  readonly signIn?: readonly SignInPlace[]
  /** Whose word on the caller's address is taken; without it nobody's. */
  readonly proxies?: TrustedProxies
  /** The installation's own issuer, where it has one. */
  readonly issuer?: {
    readonly vault: Vault
    /** Whether a path is one of its own. */
    takes(path: string): boolean
    /** Answers; never rejects. */
    handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  }
  /** How browsers sign in, where there is an issuer that lets them. */
  readonly browsers?: {
    readonly rules: SessionRules
    /** By the address that a call came to; whatever else that is, by the first. */
    at(base: string): BrowserSignIn
  }
  /** PEM texts; without them the server speaks plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The portal, where it was built. */
  readonly portal?: PortalFiles
  /** Tells when something happened, for pages that are open. */
  readonly changes?: { subscribe(listener: () => void): () => void }
  /** Whose connections may be plain HTTP beside TLS, on the same port; without it nobody's. */
  readonly plainHttp?: 'loopback' | 'anywhere'
}

export interface BrowserSignIn {
  /** `https://host:port`, as browsers know this server: where the issuer sends them back to. */
  readonly origin: string
  readonly client: SignInClient
  /** Signs the browser with these cookies out at the installation's own issuer; the cookies to set for that. */
  signOutAtIssuer(cookies: string | undefined): Promise<readonly string[]>
}

export interface Principal {
  /** The user principal name; empty for one without. */
  readonly name: string
  /** The object id, then the ids of its groups. */
  readonly principals: readonly string[]
  /** The bootstrap administrator's token, which may do everything. */
  readonly isBreakGlass: boolean
  /** The id of the browser session that says so. */
  readonly session?: string
  /** The program through which a person acts, as the issuer says. */
  readonly through?: string
}
