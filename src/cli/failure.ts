/**
 * What ends a command early: an exit code and sentences for a person. Thrown by commands, caught in `run.ts` alone.
 * Never carries a token.
 */
import type { Refusal } from '../domain/refusal.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'

export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: ExitCode
  /** One reason a line, each with its place in the input. */
  readonly details: readonly Refusal[]
  /** The place in the input, where the message alone does not say it. */
  readonly target: string | undefined
  /** What to do now. */
  readonly remedy: string | undefined

  constructor(
    exit: ExitCode,
    message: string,
    more: {
      readonly details?: readonly Refusal[]
      readonly target?: string | undefined
      readonly remedy?: string | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.exit = exit
    this.details = more.details ?? []
    this.target = more.target
    this.remedy = more.remedy
  }
}

/** What `apply --check` looks for: what it ends with has no other meaning there. */
export class Difference extends Failure {
  constructor(message: string, more: { readonly remedy: string }) {
    super(EXIT.differs, message, more)
  }
}

/** Ends a command although nothing of ours failed: what it was asked for is done, or a program it ran has ended. */
export class Done extends Error {
  override readonly name = 'Done'
  /** That program's own. */
  readonly exit: number

  constructor(exit: number = EXIT.ok) {
    super()
    this.exit = exit
  }
}

export function usageFailure(message: string, remedy?: string): Failure {
  return new Failure(EXIT.usage, message, { remedy })
}

/** The input was judged here, before anything was sent. */
export function refusedInput(summary: string, refusals: readonly Refusal[]): Failure {
  const [only] = refusals
  if (only !== undefined && refusals.length === 1) return usageFailure(only.message)
  return new Failure(EXIT.usage, summary, { details: refusals })
}

/** The lines a person reads on stderr. */
export function describeFailure(failure: Failure): string[] {
  const details = failure.details
    .filter((detail) => detail.message !== failure.message)
    .map((detail) => `  - ${placed(detail)}`)
  const remedy = failure.remedy === undefined ? [] : [`try: ${failure.remedy}`]
  return [`error: ${placed(failure)}`, ...details, ...remedy]
}

function placed({ message, target }: { readonly message: string; readonly target?: string | undefined }): string {
  return target === undefined ? message : `${message} (${target})`
}
