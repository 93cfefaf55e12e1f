/**
 * Follows a write to its end: Azure takes it, answers at once, and works on. Asks sooner and oftener than the libraries
 * do, whose first two questions come together and the third as late as the answer's Retry-After says; a security group
 * is usually done within a second or two (platform reference §B.3).
 */
import { SECOND, type Millis } from '../../domain/time.ts'
import { ArmError, recordAt, textAt, type ArmAnswer } from './arm-answer.ts'
import type { Arm, ArmRequest } from './arm-client.ts'

export interface FollowDeps {
  readonly arm: Pick<Arm, 'send'>
  readonly sleep: (millis: Millis, signal: AbortSignal) => Promise<void>
  /** The longest pause between two questions. */
  readonly patience?: Millis
  readonly rhythm?: Rhythm
}

const FIRST_PAUSE: Millis = 300
const LONGEST_PAUSE: Millis = 2 * SECOND

/**
 * How long writes of one kind take, as far as they were followed: the first question comes when the last ones were done.
 * Azure counts every question among the reads that it allows, and a thousand writes at once need them all.
 */
export class Rhythm {
  #expected: Millis = FIRST_PAUSE

  get firstPause(): Millis {
    return this.#expected
  }

  /** `questions`: how many it took. When the first was enough, a sooner one may be. */
  learn(took: Millis, questions: number): void {
    const next = questions === 1 ? this.#expected * 0.9 : took
    this.#expected = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, Math.round(next)))
  }
}
const AT_WORK: ReadonlySet<string> = new Set(['inprogress', 'running', 'accepted', 'updating', 'creating', 'deleting'])

/** Resolves when the write is done; rejects with Azure's reason when it failed. */
export async function followOperation(deps: FollowDeps, request: ArmRequest, answer: ArmAnswer): Promise<void> {
  const operation = answer.headers['azure-asyncoperation']
  const longest = deps.patience ?? LONGEST_PAUSE
  let state = stateOf(answer.body, operation === undefined ? 'resource' : 'accepted')
  let [took, questions] = [0, 0]
  for (let pause = deps.rhythm?.firstPause ?? FIRST_PAUSE; AT_WORK.has(state.word); pause = nextPause(took, longest)) {
    await deps.sleep(pause, request.signal)
    took += pause
    questions += 1
    const { urgency, signal } = request
    const path = operation ?? request.path
    const what = `tell whether it could ${request.what}`
    const { body } = await deps.arm.send({ method: 'GET', path, what, urgency, signal })
    state = stateOf(body, operation === undefined ? 'resource' : 'operation')
  }
  if (questions > 0) deps.rhythm?.learn(took, questions)
  if (state.word === 'succeeded') return
  throw new ArmError(request.what, { status: 0, code: state.code, text: state.text })
}

/** As long again as it has taken, but soon enough for a person who waits. */
function nextPause(took: Millis, longest: Millis): Millis {
  return Math.min(longest, Math.max(FIRST_PAUSE, took))
}

interface State {
  readonly word: string
  readonly code: string
  readonly text: string
}

function stateOf(body: unknown, of: 'accepted' | 'operation' | 'resource'): State {
  if (of === 'accepted') return { word: 'accepted', code: '', text: '' }
  const word = of === 'operation' ? textAt(body, 'status') : textAt(recordAt(body, 'properties'), 'provisioningState')
  const error = recordAt(body, 'error')
  return {
    word: (word ?? 'Succeeded').toLowerCase(),
    code: textAt(error, 'code') ?? word ?? 'Failed',
    text: textAt(error, 'message') ?? 'the operation did not succeed and Azure gave no reason',
  }
}
