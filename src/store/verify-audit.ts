/**
 * Walks the audit chain and names the first event that is not what was written. The chain finds a changed, removed or
 * reordered event; the signed checkpoints find a chain that was calculated anew; those outside the database find a trail
 * whose end was cut off together with its checkpoints.
 */
import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { FIRST_HASH } from '../domain/audit/audit.ts'
import { checkpointFromLine, checkpointText, type SignedCheckpoint } from '../domain/audit/audit-checkpoint.ts'
import { formatInstant } from '../domain/time.ts'
import type { Reads } from '../app/ports/store.ts'
import type { AuditHead } from '../app/ports/trail.ts'
import { chainedHash } from './audit.ts'

export type AuditVerdict = { readonly intact: true; readonly events: number } | Broken

interface Broken {
  readonly intact: false
  readonly seq: number
  readonly problem: string
}

export interface TrailProof {
  readonly intact: true
  readonly events: number
  /** Events before this one were dropped by retention, and a signed record says so. */
  readonly first: number
  /** The last event that a signed checkpoint vouches for; what came after it is proven by the chain alone. */
  readonly vouched: number
  readonly checkpoints: number
  /** Checkpoints outside the database that agree. */
  readonly outside: number
}

export type TrailVerdict = TrailProof | Broken

export interface Evidence {
  /** Undefined when the key is not known here. */
  readonly isSigned: (key: string, text: string, signature: string) => boolean | undefined
  /** Lines of the checkpoints that were written outside the database. */
  readonly outside: () => AsyncIterable<string>
}

type TrailAccess = Pick<Reads, 'audit' | 'auditHead' | 'trail'>

const PAGE = 500

/** The chain alone, from the floor that the store itself tells. */
export async function verifyAudit(reads: TrailAccess): Promise<AuditVerdict> {
  const verdict = await walk(reads, await reads.trail.floor(), new Map())
  return verdict.intact ? { intact: true, events: verdict.events } : verdict
}

/** Retention may drop events during the walk; then it is walked again from the new floor. */
export async function verifyTrail(reads: TrailAccess, evidence: Evidence): Promise<TrailVerdict> {
  for (;;) {
    const floor = await reads.trail.floor()
    const verdict = await verifyOnce(reads, evidence)
    if (verdict.intact || (await reads.trail.floor()).seq === floor.seq) return verdict
  }
}

async function verifyOnce(reads: TrailAccess, evidence: Evidence): Promise<TrailVerdict> {
  try {
    // In this order, because a checkpoint is written to the store first: what is outside by now is in the store.
    const outside = await readOutside(evidence)
    const inside = await readInside(reads, evidence)
    compare(inside, outside)
    const verdict = await walk(reads, await provenFloor(reads, inside), inside.marks)
    if (!verdict.intact) return verdict
    return { ...verdict, checkpoints: inside.hashes.length, outside: outside.length }
  } catch (cause) {
    if (cause instanceof Disproof) return { intact: false, seq: cause.seq, problem: cause.message }
    throw cause
  }
}

class Disproof extends Error {
  readonly seq: number
  constructor(seq: number, problem: string) {
    super(problem)
    this.seq = seq
  }
}

interface Marks {
  /** By the event that each vouches for. */
  readonly marks: ReadonlyMap<number, Mark>
  /** SHA-256 of each checkpoint's line, by its number less one. */
  readonly hashes: readonly string[]
  readonly drop: SignedCheckpoint | undefined
}

interface Mark {
  readonly number: number
  readonly hash: string
}

async function readInside(reads: TrailAccess, evidence: Evidence): Promise<Marks> {
  const marks = new Map<number, Mark>()
  const hashes: string[] = []
  let drop: SignedCheckpoint | undefined
  for (;;) {
    const page = await reads.trail.checkpoints({ after: hashes.length, limit: PAGE })
    for (const { number, line } of page) {
      const checkpoint = checkSignature(line, evidence, `checkpoint ${number}`)
      const expected = { number: hashes.length + 1, previous: hashes.at(-1) ?? FIRST_HASH }
      if (number !== expected.number || checkpoint.number !== number)
        throw new Disproof(checkpoint.seq, `checkpoint ${expected.number} is missing; the next one there is ${number}`)
      if (checkpoint.previous !== expected.previous)
        throw new Disproof(checkpoint.seq, `the checkpoint before checkpoint ${number} is not the one that was written`)
      const other = marks.get(checkpoint.seq)
      if (other !== undefined && other.hash !== checkpoint.hash)
        throw new Disproof(
          checkpoint.seq,
          `checkpoints ${other.number} and ${number} vouch for different events ${checkpoint.seq}: the trail was cut and went on`,
        )
      marks.set(checkpoint.seq, { number, hash: checkpoint.hash })
      hashes.push(hashOf(line))
      if (checkpoint.dropped !== undefined) drop = checkpoint
    }
    if (page.length < PAGE) return { marks, hashes, drop }
  }
}

function checkSignature(line: string, { isSigned }: Evidence, name: string): SignedCheckpoint {
  const checkpoint = checkpointFromLine(line)
  if (checkpoint === undefined) throw new Disproof(0, `${name} is not a checkpoint: ${line.slice(0, 60)}`)
  const { key, signature, seq } = checkpoint
  switch (isSigned(key, checkpointText(checkpoint, key), signature)) {
    case true:
      return checkpoint
    case false:
      throw new Disproof(seq, `${name} is not what was signed`)
    case undefined:
      throw new Disproof(
        seq,
        `${name} is signed with the key ${key}, which is not known here; if it was another replica's, or one from before, put its public key (audit-key.pub.pem) into the folder audit-keys beside this one`,
      )
  }
}

interface Outside {
  readonly checkpoint: SignedCheckpoint
  readonly lineHash: string
}

async function readOutside(evidence: Evidence): Promise<Outside[]> {
  const found: Outside[] = []
  for await (const line of evidence.outside()) {
    const name = `line ${found.length + 1} of the checkpoints outside the database`
    found.push({ checkpoint: checkSignature(line, evidence, name), lineHash: hashOf(line) })
  }
  return found
}

function compare({ hashes }: Marks, outside: readonly Outside[]): void {
  for (const { checkpoint, lineHash } of outside) {
    const { number, seq, at } = checkpoint
    const inside = hashes[number - 1]
    if (inside === lineHash) continue
    const written = `checkpoint ${number}, which was written outside the database at ${formatInstant(at)} and vouches for event ${seq},`
    const problem =
      inside === undefined
        ? 'is missing in it: its end was cut off, or an old copy was put in its place'
        : 'is another one in it'
    throw new Disproof(seq, `${written} ${problem}`)
  }
}

/** Where the walk begins: what the newest signed record of dropped events says, which the store's floor must be. */
async function provenFloor(reads: TrailAccess, { drop }: Marks): Promise<AuditHead> {
  const floor = await reads.trail.floor()
  const signed = drop === undefined ? { seq: 0, hash: FIRST_HASH } : { seq: drop.seq, hash: drop.hash }
  if (floor.seq === signed.seq && floor.hash === signed.hash) return floor
  throw new Disproof(
    signed.seq + 1,
    `the trail says that events up to ${floor.seq} were dropped by retention, but what is signed says up to ${signed.seq}`,
  )
}

async function walk(
  reads: TrailAccess,
  floor: AuditHead,
  marks: ReadonlyMap<number, Mark>,
): Promise<Omit<TrailProof, 'checkpoints' | 'outside'> | Broken> {
  const head = await reads.auditHead()
  const latest = marks.keys().reduce((newest, seq) => Math.max(newest, seq), 0)
  let { hash, seq: last } = floor
  for (;;) {
    const events = await reads.audit({}, { after: last, limit: PAGE })
    for (const event of events) {
      if (event.seq !== last + 1) return broken(last + 1, `is missing; the next one there is ${event.seq}`)
      hash = chainedHash(hash, event.seq, event)
      if (event.hash !== hash) return broken(event.seq, 'is not what was written, or the one before it is not')
      last = event.seq
      const mark = marks.get(last)
      if (mark !== undefined && mark.hash !== hash)
        return broken(last, `or one before it is not what was written: checkpoint ${mark.number} vouches for another`)
      if (last === head.seq && hash !== head.hash) return broken(last, 'is not the last one that was written')
    }
    if (events.length < PAGE) break
    await turn() // others want to be served meanwhile
  }
  if (last < head.seq) return broken(last + 1, `is missing; ${head.seq} were written`)
  if (last < latest) return broken(last + 1, `is missing; a signed checkpoint vouches for ${latest}`)
  return { intact: true, events: last - floor.seq, first: floor.seq + 1, vouched: latest }
}

function broken(seq: number, problem: string): Broken {
  return { intact: false, seq, problem: `audit event ${seq} ${problem}` }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
