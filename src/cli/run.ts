/**
 * Runs a command line and returns its exit code. The one place where failures become words: a person never sees a stack
 * trace, except of a fault of ours when SALLYPORT_DEBUG asks for it.
 */
import { CommanderError, type Command } from 'commander'
import { EXIT } from './exit-codes.ts'
import { describeFailure, Difference, Done, Failure } from './failure.ts'
import type { Io } from './io.ts'
import { otherOption, otherWords } from './help/other-words.ts'
import { printable } from './show/printable.ts'

/** `args` without the interpreter and the script. */
export async function runCli(program: Command, args: readonly string[], io: Io): Promise<number> {
  inheritSettings(program)
  const other = otherWords(program, args) ?? otherOption(program, args)
  other?.below.showHelpAfterError(`try: ${other.lines.join(', ')}`)
  try {
    await program.parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    const exit = explain(error, io)
    return exit === EXIT.usage && isCheck(args) && !(error instanceof Difference) ? EXIT.server : exit
  }
}

/** Of `apply --check` 2 says one thing, that there is a difference: who takes it for one must not take a typo for it. */
function isCheck(args: readonly string[]): boolean {
  return args.includes('apply') && args.includes('--check')
}

/** Commands that others have added end the same way as ours: by an exit code from here, never by leaving the process. */
function inheritSettings(parent: Command): void {
  parent.showHelpAfterError(`try: ${[...wordsOf(parent), '--help'].join(' ')}`)
  for (const command of parent.commands) inheritSettings(command.copyInheritedSettings(parent))
}

function wordsOf(command: Command): string[] {
  return [...(command.parent === null ? [] : wordsOf(command.parent)), command.name()]
}

function explain(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage // it has said why already
  if (error instanceof Done) return error.exit
  const failure = error instanceof Failure ? error : fault(error, io)
  const lines = describeFailure(failure)
  io.stderr.write(lines.map((line) => `${line.startsWith(' ') ? '  ' : ''}${printable(line.trim())}\n`).join(''))
  return failure.exit
}

function fault(error: unknown, io: Io): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if ((io.env['SALLYPORT_DEBUG'] ?? '') !== '') io.stderr.write(`${error instanceof Error ? error.stack : message}\n`)
  return new Failure(EXIT.server, `sallyport itself failed: ${message}`, {
    remedy: 'the same with SALLYPORT_DEBUG=1, and please report what it prints',
    cause: error,
  })
}
