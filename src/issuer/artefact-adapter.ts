/**
 * Keeps what the OpenID library issues in the installation's store: under a hash of what the client holds, sealed, and
 * with an end. Clients are not kept here; they come from `clients.ts`.
 */
import { createHash } from 'node:crypto'
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider'
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import type { Artefact } from '../domain/roles/identity.ts'
import { DAY, SECOND, type Instant, type Millis } from '../domain/time.ts'
import type { Sealer } from './seal.ts'

/**
 * Two processes of one person may use a refresh token in the same moment (`az` in two terminals): both get an access
 * token, and the first alone the next refresh token, or who stole one could go on beside its owner unseen. After this a
 * second use is taken for theft, and ends everything that came from the first.
 */
const REUSE_GRACE: Millis = 10 * SECOND
/** For what the library gives no end of its own. */
const LONGEST: Millis = 30 * DAY

export interface AdapterDeps {
  readonly store: Store
  readonly sealer: Sealer
  readonly clock: Clock
}

export function artefactAdapter(deps: AdapterDeps, kind: string): Adapter {
  const { store } = deps
  const reads = store.reads.identity
  const payloadOf = (found: Artefact | undefined): AdapterPayload | undefined => openLive(deps, found)
  return {
    upsert: async (id, payload, expiresIn) => {
      const artefact = artefactFrom(deps, { kind, id, payload, expiresIn })
      await store.transaction((tx) => tx.identity.putArtefact(artefact))
    },
    find: async (id) => payloadOf(await reads.artefact(kind, hashOf(id))),
    findByUid: async (uid) => payloadOf(await reads.artefactByUid(kind, uid)),
    findByUserCode: async (code) => payloadOf(await reads.artefactByCode(kind, hashOf(code))),
    consume: async (id) => void (await claimUse(deps, kind, id)),
    destroy: (id) => store.transaction((tx) => tx.identity.removeArtefact(kind, hashOf(id))),
    revokeByGrantId: (grant) => store.transaction((tx) => tx.identity.removeArtefactsOfGrant(grant)),
  }
}

/**
 * True for the first use, false for another in the same moment. Of two that use a code at once, or a refresh token one after
 * the other, the second ends what both were given.
 */
export async function claimUse({ store, clock }: AdapterDeps, kind: string, id: string): Promise<boolean> {
  const now = clock.now()
  const idHash = hashOf(id)
  const use = await store.transaction(async ({ identity }) => {
    if (await identity.consumeArtefact(kind, idHash, now)) return 'first'
    const used = await identity.artefact(kind, idHash)
    if (used !== undefined && isWithinGrace(used, now)) return 'same moment'
    if (used?.grantId !== undefined) await identity.removeArtefactsOfGrant(used.grantId)
    return 'later'
  })
  if (use === 'later') throw new errors.InvalidGrant('it was used before')
  return use === 'first'
}

interface Saved {
  readonly kind: string
  readonly id: string
  readonly payload: AdapterPayload
  readonly expiresIn: number | undefined
}

function artefactFrom({ sealer, clock }: AdapterDeps, { kind, id, payload, expiresIn }: Saved): Artefact {
  const { grantId, uid, userCode, accountId } = payload
  // A grant belongs to itself, so that revoking it removes it with its tokens.
  const grant = kind === 'Grant' ? id : grantId
  return {
    kind,
    idHash: hashOf(id),
    payload: sealer.seal(JSON.stringify(payload), purposeOf(kind)),
    ...(grant === undefined ? {} : { grantId: grant }),
    ...(uid === undefined ? {} : { uid }),
    ...(userCode === undefined ? {} : { userCode: hashOf(userCode) }),
    ...(accountId === undefined ? {} : { account: accountId }),
    endsAt: clock.now() + (expiresIn === undefined ? LONGEST : expiresIn * SECOND),
  }
}

function openLive({ sealer, clock }: AdapterDeps, found: Artefact | undefined): AdapterPayload | undefined {
  const now = clock.now()
  if (found === undefined || found.endsAt <= now) return undefined
  const payload = JSON.parse(sealer.open(found.payload, purposeOf(found.kind))) as AdapterPayload // as artefactFrom sealed it
  return isUsedUp(found, now) ? { ...payload, consumed: Math.floor((found.consumedAt ?? now) / SECOND) } : payload
}

/** Used, and not in this moment: whoever shows it again has what somebody else had before. */
export function isUsedUp(artefact: Artefact, now: Instant): boolean {
  return artefact.consumedAt !== undefined && !isWithinGrace(artefact, now)
}

function isWithinGrace({ kind, consumedAt }: Artefact, now: Instant): boolean {
  return kind === 'RefreshToken' && consumedAt !== undefined && now < consumedAt + REUSE_GRACE
}

function purposeOf(kind: string): string {
  return `artefact:${kind}`
}

/** Ids are random and long, but for user codes, which live for minutes. */
export function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
