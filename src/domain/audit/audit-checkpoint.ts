/**
 * A signed statement about the audit trail: the chain stood at this event with this hash, or everything up to this event
 * was dropped by retention. Each names the hash of the line before it. {@link checkpointText} is what gets signed; it
 * must never change for checkpoints that are already written.
 */
import type { Instant } from '../time.ts'

export interface Checkpoint {
  /** 1, 2, 3 … without gaps. */
  readonly number: number
  /** The installation's subscription id, so that another installation's trail cannot be passed off as this one's. */
  readonly installation: string
  readonly at: Instant
  /** The event that it vouches for, and with it every one before. */
  readonly seq: number
  readonly hash: string
  /** SHA-256 in hex of the line before; 64 zeros for the first. */
  readonly previous: string
  /** When it says that events were dropped: which was the first of them, and how many up to `seq`. */
  readonly dropped?: { readonly first: number; readonly count: number }
}

export interface SignedCheckpoint extends Checkpoint {
  /** SHA-256 in hex of the public key. */
  readonly key: string
  /** Ed25519 over {@link checkpointText}, base64. */
  readonly signature: string
}

export function checkpointText(checkpoint: Checkpoint, key: string): string {
  const { number, installation, at, seq, hash, previous, dropped } = checkpoint
  const drop = dropped === undefined ? null : [dropped.first, dropped.count]
  return JSON.stringify(['sallyport-audit-checkpoint', 1, number, installation, at, seq, hash, previous, drop, key])
}

/** One line, as it is kept in the store and outside it. */
export function lineFromCheckpoint({ number, at, installation, seq, hash, ...rest }: SignedCheckpoint): string {
  const { previous, dropped, key, signature } = rest
  const drop = dropped === undefined ? {} : { dropped: { first: dropped.first, count: dropped.count } }
  return JSON.stringify({ number, at, installation, seq, hash, previous, ...drop, key, signature })
}

/** Undefined when the line is none of ours. */
export function checkpointFromLine(line: string): SignedCheckpoint | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isCheckpoint(value) && lineFromCheckpoint(value) === line ? value : undefined
  } catch {
    return undefined
  }
}

function isCheckpoint(value: unknown): value is SignedCheckpoint {
  if (typeof value !== 'object' || value === null) return false
  const has = (type: string, ...names: string[]): boolean =>
    names.every((name) => typeof Reflect.get(value, name) === type)
  const dropped: unknown = Reflect.get(value, 'dropped')
  const isDrop =
    typeof dropped === 'object' &&
    dropped !== null &&
    ['first', 'count'].every((name) => Number.isSafeInteger(Reflect.get(dropped, name)))
  return (
    has('number', 'number', 'at', 'seq') &&
    has('string', 'installation', 'hash', 'previous', 'key', 'signature') &&
    (dropped === undefined || isDrop)
  )
}
