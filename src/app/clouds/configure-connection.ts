/**
 * Connecting a cloud, or changing how. A secret is kept for whom it was given: when the settings send it to somebody else
 * it must be given again, so that who may write connections cannot have a kept secret sent to a server of their own.
 */
import { actorOf } from '../audit/actor-of.ts'
import type { App } from '../app.ts'
import { authorize } from '../identity/authorize.ts'
import type { Caller } from '../ports/caller.ts'
import type { OpenConnection } from '../ports/clouds.ts'
import type { StoredConnection } from '../ports/connection-record.ts'
import type { Tx } from '../ports/store.ts'
import { refusalOnRecord } from '../audit/refusal-on-record.ts'
import { toldBy } from '../audit/told-by.ts'
import type { ConnectionCheck, ConnectionSettings } from '../../domain/clouds/connection.ts'
import {
  conflictsOf,
  connectionId,
  issuesOfName,
  issuesOfSettings,
  needsSecret,
  reaches,
  recipientOf,
} from '../../domain/clouds/judge-connection.ts'
import { ok, refusal, refused, withFacts, type Refusal, type Result } from '../../domain/refusal.ts'
import { WRITE_CONNECTION } from '../../domain/roles/required-actions.ts'
import { resourceKey, type ResourceId } from '../../domain/resource-id.ts'

export interface ConnectionInput {
  readonly name: string
  readonly settings: ConnectionSettings
  readonly secret?: string
  /** The ETag the caller last saw; without it the last write wins. */
  readonly ifMatch?: string
  /** `*`: it must not exist yet. */
  readonly ifNoneMatch?: string
  readonly caller: Caller
}

export function configureConnection(app: App, input: ConnectionInput): Promise<Result<StoredConnection>> {
  const { name, caller, settings } = input
  const id = connectionId(app.installation, name)
  const target = id.ok ? id.value : name
  const facts = { what: 'write', kind: settings.kind }
  return refusalOnRecord(app, { action: 'connection.refused', target, caller, facts }, configure(app, input))
}

async function configure(app: App, input: ConnectionInput): Promise<Result<StoredConnection>> {
  const id = await mayWrite(app, input)
  if (!id.ok) return id
  const written = await app.store.transaction(async (tx) => {
    await tx.connections.change()
    const judged = await judge(app, tx, input, id.value)
    if (!judged.ok) return judged
    const { before, after } = judged.value
    await tx.connections.put(after)
    await tx.append([savedEvent(app, input, before, after)])
    return ok(after)
  })
  if (written.ok) await app.clouds.sync()
  return written
}

/** What the cloud says to these settings; nothing is kept. */
export async function tryConnection(app: App, input: ConnectionInput): Promise<Result<readonly ConnectionCheck[]>> {
  const id = await mayWrite(app, input)
  if (!id.ok) return id
  const judged = await judge(app, app.store.reads, input, id.value)
  if (!judged.ok) return judged
  const { sealedSecret, ...connection } = judged.value.after
  const secret = input.secret ?? (sealedSecret === undefined ? undefined : app.clouds.secretOf(connection.key))
  const open: OpenConnection = secret === undefined ? connection : { ...connection, secret }
  return ok(await app.clouds.check(open))
}

async function mayWrite(app: App, { name, caller }: ConnectionInput): Promise<Result<ResourceId>> {
  const issues = issuesOfName(name)
  const id = connectionId(app.installation, name)
  if (!id.ok || issues.length > 0) return refused(...issues, ...(id.ok ? [] : id.refusals))
  const denied = await authorize(app, caller, [{ anyOf: WRITE_CONNECTION, scope: id.value }])
  return denied.length > 0 ? refused(...denied) : id
}

interface Judged {
  readonly before: StoredConnection | undefined
  readonly after: StoredConnection
}

async function judge(
  app: App,
  { connections }: Pick<Tx, 'connections'> | { readonly connections: App['store']['reads']['connections'] },
  input: ConnectionInput,
  id: ResourceId,
): Promise<Result<Judged>> {
  const before = await connections.find(resourceKey(id))
  const sealed = sealedFor(app, input, id, before)
  const after = connectionFrom(app, input, id, before, sealed)
  const issues: Refusal[] = [
    ...unmetConditions(input, before),
    ...issuesOfSettings(input.settings, { hasSecret: after.hasSecret }),
    ...(before !== undefined && before.settings.kind !== input.settings.kind ? [otherKind(before)] : []),
    ...conflictsOf(after, await connections.all()),
    ...(before === undefined ? [] : await losses(connections, before, after)),
  ]
  return issues.length > 0 ? refused(...issues) : ok({ before, after })
}

function sealedFor(
  app: App,
  { settings, secret }: ConnectionInput,
  id: ResourceId,
  before: StoredConnection | undefined,
): string | undefined {
  if (secret !== undefined) return app.clouds.seal(resourceKey(id), secret)
  const isSame = before !== undefined && recipientOf(before.settings) === recipientOf(settings)
  return needsSecret(settings) && isSame ? before.sealedSecret : undefined
}

function connectionFrom(
  app: App,
  { name, settings }: ConnectionInput,
  id: ResourceId,
  before: StoredConnection | undefined,
  sealedSecret: string | undefined,
): StoredConnection {
  const now = app.clock.now()
  return {
    id: before?.id ?? id,
    key: resourceKey(id),
    name: before?.name ?? name,
    settings,
    hasSecret: sealedSecret !== undefined,
    ...(sealedSecret !== undefined && { sealedSecret }),
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  }
}

/** Changes with every write. */
export function connectionEtag({ version, createdAt }: Pick<StoredConnection, 'version' | 'createdAt'>): string {
  return `"${createdAt}.${version}"`
}

function unmetConditions(
  { name, ifMatch, ifNoneMatch }: ConnectionInput,
  before: StoredConnection | undefined,
): Refusal[] {
  const etag = before && connectionEtag(before)
  const isSame = ifMatch === undefined || ifMatch === etag || (ifMatch === '*' && etag !== undefined)
  const changed = `the connection '${name}' has changed since you read it; read it again`
  const exists = `the connection '${name}' exists already, and 'If-None-Match: *' asks for a new one`
  return [
    ...(isSame ? [] : [refusal('PreconditionFailed', changed)]),
    ...(ifNoneMatch === '*' && etag !== undefined
      ? [withFacts(refusal('PreconditionFailed', exists), { existing: name })]
      : []),
  ]
}

function otherKind({ name, settings }: StoredConnection): Refusal {
  const message = `'${name}' is a connection to ${settings.kind}; take another name for another cloud`
  return withFacts(refusal('InvalidConnection', message, 'settings.kind'), { name, cloud: settings.kind })
}

/** Machines that policies protect must not fall out of reach: nobody could open, close or restore anything on them. */
async function losses(
  connections: Pick<Tx['connections'], 'protectedMachines'>,
  before: StoredConnection,
  after: StoredConnection,
): Promise<Refusal[]> {
  const lost = (await connections.protectedMachines()).filter((key) => reaches(before, key) && !reaches(after, key))
  if (lost.length === 0) return []
  const message = `protected machines would be out of reach (${lost.length}), such as ${lost[0]}; take them out of their policies first`
  return [withFacts(refusal('ConnectionInUse', message, 'settings'), { lost: lost.length, machine: lost[0] ?? '' })]
}

function savedEvent(
  app: App,
  { caller }: ConnectionInput,
  before: StoredConnection | undefined,
  after: StoredConnection,
) {
  const facts = {
    version: after.version,
    before: before?.settings ?? null,
    after: after.settings,
    kind: after.settings.kind,
  }
  return {
    at: app.clock.now(),
    action: 'connection.saved' as const,
    actor: actorOf(caller),
    address: caller.address,
    target: after.id,
    data: toldBy(caller, { ...facts, secretChanged: before?.sealedSecret !== after.sealedSecret }),
  }
}
