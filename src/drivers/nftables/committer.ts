/**
 * Carries a plan's operations to the kernel, transaction by transaction, and keeps the mirror true: what was acknowledged
 * is recorded, what is in doubt is read again.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { Millis } from '../../domain/time.ts'
import { NftError, type NftEngine } from './kernel/engine.ts'
import type { KernelView } from './kernel-view.ts'
import { recordStatement, type Mirror } from './mirror.ts'
import { TABLE, textOf } from './nft-text.ts'
import type { NftOperation, Operation, Session } from './operation.ts'
import type { OwnGenerations } from './kernel/own-generations.ts'
import type { KernelReader } from './kernel/reader.ts'
import { readSessions } from './kernel/sessions.ts'
import type { HoldTable } from './kernel/table-owner.ts'
import type { TrackedFlow } from './flows/tracked-flow.ts'
import { batchOf, groupOperations, type Batch, type BatchInput } from './writer.ts'

export interface CommitterOptions {
  readonly engine: Pick<NftEngine, 'apply' | 'lead'>
  readonly reader: Pick<KernelReader, 'generation'>
  readonly generations: Pick<OwnGenerations, 'note'>
  readonly view: Pick<KernelView, 'exact' | 'distrust'>
  readonly hold: HoldTable
  readonly clock: Clock
  readonly uptime: () => Millis
  readonly cut: (flows: readonly TrackedFlow[]) => Promise<void>
}

/** Resolves when the kernel has acknowledged everything; rejects when that is not known. */
export type Commit = (operations: readonly Operation[], signal: AbortSignal) => Promise<void>

/** A machine so busy that it is late again and again gets this many tries; the next pass goes on. */
const TRIES = 6
/** A timer may end so much before its time: half of what a judgement bears, or the least difference in reading would be drift. */
const EARLY: Millis = 25

export function createCommitter(options: CommitterOptions): Commit {
  const { engine, reader, generations, view, hold, clock, uptime } = options
  const commit = async (batch: Batch, isHeld: boolean): Promise<void> => {
    const before = reader.generation()
    const text = textOf(batch.statements, { table: TABLE, declareTable: !isHeld })
    const exact = view.exact()
    try {
      await engine.apply(text, batch.weight)
    } catch (cause) {
      view.distrust() // a lost answer and a refusal look alike: only reading tells
      throw cause
    }
    const isAlone = generations.note(before, reader.generation())
    if (exact !== undefined && isAlone) record(exact, batch, reader.generation())
    else view.distrust()
  }

  /**
   * A process that had to wait for its turn may have started timers late: they are written again, with twice the time
   * allowed for that it was late by, because whoever waited once will wait again. Where it did not, they now end much too
   * early, and are written once more with what it took this time; never at the last try but one, which may be late again.
   */
  const commitPunctually = async (input: BatchInput, isHeld: boolean): Promise<void> => {
    let { operations, lead } = input
    for (let attempt = 1; attempt <= TRIES && operations.length > 0; attempt += 1) {
      const start = uptime()
      const batch = batchOf({ ...input, operations, lead })
      await commit(batch, isHeld)
      const early = batch.allowance - (uptime() - start)
      const isEarly = early > EARLY && lead > input.lead && attempt < TRIES - 1
      operations = early < 0 || isEarly ? operations.filter((operation) => 'until' in operation).map(asUpsert) : []
      lead = early < 0 ? lead - Math.floor(2 * early) : Math.max(input.lead, lead - Math.floor(early - EARLY / 2))
    }
  }

  /** What was seen to be absent may stand after all: a listing is not proof. Then it is written over. */
  const commitGroup = async (input: BatchInput, isHeld: boolean): Promise<void> => {
    try {
      await commitPunctually(input, isHeld)
    } catch (error) {
      const isThere =
        error instanceof NftError && error.isExisting && input.operations.some(({ kind }) => kind === 'create')
      if (!isThere) throw error
      await commitPunctually({ ...input, operations: input.operations.map(asUpsert) }, isHeld)
    }
  }

  return async (asked, signal) => {
    const operations = asked.filter((operation) => operation.kind !== 'cut')
    const isHeld = await holdFor(operations, hold)
    const sessions: readonly Session[] = operations.some(({ kind }) => kind === 'seed') ? await readSessions() : []
    for (const group of groupOperations(operations)) {
      signal.throwIfAborted()
      await commitGroup({ operations: group, sessions, clock, lead: engine.lead }, isHeld)
    }
    // Last: what is cut must find its hole closed.
    await options.cut(asked.flatMap((operation) => (operation.kind === 'cut' ? [operation.flow] : [])))
  }
}

/** Element batches do not name the table alone, so only structure needs to know who holds it. */
async function holdFor(operations: readonly NftOperation[], hold: HoldTable): Promise<boolean> {
  const isStructure = operations.some(({ kind }) => kind === 'structure')
  return (isStructure || operations.some(({ kind }) => kind === 'remove')) && (await hold(isStructure))
}

function asUpsert(operation: NftOperation): NftOperation {
  return operation.kind === 'create' ? { ...operation, kind: 'upsert' } : operation
}

function record(mirror: Mirror, batch: Batch, generation: number | undefined): void {
  batch.statements.forEach((statement, index) => recordStatement(mirror, statement, batch.ends[index]))
  mirror.generation = generation
}
