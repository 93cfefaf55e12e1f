/**
 * Which signing keys there should be, and which one signs. Pure. A key is published an hour before it signs, signs for a
 * month, and stays published until the last token it signed has ended.
 */
import type { SigningKey } from '../domain/roles/identity.ts'
import { DAY, HOUR, type Instant, type Millis } from '../domain/time.ts'

export const SIGNS_FOR: Millis = 30 * DAY
const ANNOUNCED: Millis = HOUR
/** Longer than any token lives. */
export const OVERLAP: Millis = DAY

export interface KeyPlan {
  /** When a new key is to sign from; undefined when none is needed yet. */
  readonly make: Instant | undefined
  readonly remove: readonly string[]
}

/** `keys` newest first. */
export function planKeys(keys: readonly SigningKey[], now: Instant): KeyPlan {
  const [newest] = keys
  const due = newest === undefined || now >= newest.signsFrom + SIGNS_FOR - ANNOUNCED
  const make = due ? (newest === undefined ? now : now + ANNOUNCED) : undefined
  // A key ended when its successor, the one before it in the list, began.
  const remove = keys.filter((_, index) => {
    const successor = keys[index - 1]
    return successor !== undefined && successor.signsFrom + OVERLAP <= now
  })
  return { make, remove: remove.map(({ id }) => id) }
}

/** The one that signs first; then those that verify only. */
export function inSigningOrder(keys: readonly SigningKey[], now: Instant): readonly SigningKey[] {
  const signer = keys.find(({ signsFrom }) => signsFrom <= now) ?? keys.at(-1)
  return signer === undefined ? [] : [signer, ...keys.filter((key) => key !== signer)]
}
