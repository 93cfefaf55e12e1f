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
}

const FIRST_PAUSE: Millis = 300
const LONGEST_PAUSE: Millis = 2 * SECOND
const AT_WORK: ReadonlySet<string> = new Set(['inprogress', 'running', 'accepted', 'updating', 'creating', 'deleting'])

/** Resolves when the write is done; rejects with Azure's reason when it failed. */
export async function followOperation(deps: FollowDeps, request: ArmRequest, answer: ArmAnswer): Promise<void> {
  const operation = answer.headers['azure-asyncoperation']
  const longest = deps.patience ?? LONGEST_PAUSE
  let state = stateOf(answer.body, operation === undefined ? 'resource' : 'accepted')
  for (let pause = FIRST_PAUSE; AT_WORK.has(state.word); pause = Math.min(longest, pause * 2)) {
    await deps.sleep(pause, request.signal)
    const { urgency, signal } = request
    const path = operation ?? request.path
    const what = `tell whether it could ${request.what}`
    const { body } = await deps.arm.send({ method: 'GET', path, what, urgency, signal })
    state = stateOf(body, operation === undefined ? 'resource' : 'operation')
  }
  if (state.word === 'succeeded') return
  throw new ArmError(request.what, { status: 0, code: state.code, text: state.text })
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
