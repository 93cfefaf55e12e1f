/**
 * The keys that tokens are signed with, as they stand in the store now. Makes the first at once and each next one in
 * time; several replicas may do so at the same moment, which makes a key too many and harms nothing.
 */
import { createHash, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../app/ports/clock.ts'
import type { Store } from '../app/ports/store.ts'
import type { SigningKey } from '../domain/roles/identity.ts'
import { MINUTE, type Instant } from '../domain/time.ts'
import { inSigningOrder, planKeys } from './key-plan.ts'
import type { Sealer } from './seal.ts'

export interface PublicJwk {
  readonly kid: string
  readonly kty: string
  readonly alg: string
  readonly use: string
  readonly n: string
  readonly e: string
}

export interface KeySet {
  /** Changes when the set or its signer does. */
  readonly mark: string
  readonly signer: string
  /** The same object for as long as the keys are the same. */
  readonly published: { readonly keys: PublicJwk[] }
  /** Private ones too, the signer first. */
  readonly keys: readonly Readonly<Record<string, string>>[]
}

/** Another replica's new key is known within this time, well before it signs. */
const FRESH = MINUTE

export class SigningKeys {
  readonly #store: Store
  readonly #sealer: Sealer
  readonly #clock: Clock
  #last: KeySet | undefined
  #known: { readonly set: Promise<KeySet>; readonly until: Instant } | undefined

  constructor({ store, sealer, clock }: { store: Store; sealer: Sealer; clock: Clock }) {
    this.#store = store
    this.#sealer = sealer
    this.#clock = clock
  }

  current(): Promise<KeySet> {
    const now = this.#clock.now()
    if (this.#known !== undefined && this.#known.until > now) return this.#known.set
    const set = this.#refresh(now)
    this.#known = { set, until: now + FRESH }
    set.catch(() => (this.#known = undefined)) // whoever asked hears of it; the next one asks anew
    return set
  }

  async #refresh(now: Instant): Promise<KeySet> {
    const { make, remove } = planKeys(await this.#store.reads.identity.signingKeys(), now)
    const made = make === undefined ? undefined : await this.#make(now, make)
    if (made !== undefined || remove.length > 0) {
      await this.#store.transaction(async ({ identity }) => {
        if (made !== undefined) await identity.addSigningKey(made)
        for (const id of remove) await identity.removeSigningKey(id)
      })
    }
    return this.#setOf(inSigningOrder(await this.#store.reads.identity.signingKeys(), now))
  }

  async #make(createdAt: Instant, signsFrom: Instant): Promise<SigningKey> {
    const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
    const publicKey = JSON.stringify(pair.publicKey.export({ format: 'jwk' }))
    const id = createHash('sha256').update(publicKey).digest('base64url')
    const privateKey = JSON.stringify(pair.privateKey.export({ format: 'jwk' }))
    return { id, publicKey, sealedPrivateKey: this.#sealer.seal(privateKey, `signing-key:${id}`), createdAt, signsFrom }
  }

  #setOf(keys: readonly SigningKey[]): KeySet {
    const opened = keys.map((key) => ({ ...this.#open(key), kid: key.id, alg: 'RS256', use: 'sig' }))
    const published = keys.map(({ id: kid, publicKey }) => {
      const { kty, n, e } = JSON.parse(publicKey) as PublicJwk // as #make wrote it
      return { kid, kty, alg: 'RS256', use: 'sig', n, e }
    })
    const mark = keys.map(({ id }) => id).join(' ')
    if (this.#last?.mark !== mark)
      this.#last = { mark, signer: keys[0]?.id ?? '', published: { keys: published }, keys: opened }
    return this.#last
  }

  #open(key: SigningKey): Record<string, string> {
    try {
      return JSON.parse(this.#sealer.open(key.sealedPrivateKey, `signing-key:${key.id}`)) as Record<string, string> // as #make sealed it
    } catch (cause) {
      const remedy = "restore the key file that belongs to this database, or remove the rows of 'signing_keys'"
      throw new Error(`signing key ${key.id} cannot be opened with this key file; ${remedy}`, { cause })
    }
  }
}
