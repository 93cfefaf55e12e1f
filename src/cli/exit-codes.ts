/**
 * Exit codes: what a script may rely on. Documented in `docs/reference/exit-codes.md`, which a test compares with this
 * table. A number is never given another meaning.
 */
import { wrapTo } from './show/text-width.ts'

export const EXIT = {
  ok: 0,
  server: 1,
  usage: 2,
  /** As of `terraform plan -detailed-exitcode`: what scripts of policies as code expect. */
  differs: 2,
  notFound: 3,
  denied: 4,
  timedOut: 5,
  partly: 6,
  notSignedIn: 7,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_MEANINGS: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done; access granted' },
  {
    code: EXIT.server,
    meaning:
      'the server failed, does not answer or was asked too often; somebody changed the same thing meanwhile; a check of doctor, of the audit trail or of policy files failed; the output could not be written',
  },
  {
    code: EXIT.usage,
    meaning:
      'the command line or its input is wrong, or a name is ambiguous; with apply --check: the server differs from the files',
  },
  { code: EXIT.notFound, meaning: 'no such machine, policy or request' },
  { code: EXIT.denied, meaning: 'refused by policy, permission or protection against locking yourself out' },
  { code: EXIT.timedOut, meaning: 'timed out waiting; the request stays' },
  { code: EXIT.partly, meaning: 'partly done: some ports are open, or policies written, and others are not' },
  { code: EXIT.notSignedIn, meaning: 'not signed in: no server, no token, or a token that is not accepted' },
  { code: EXIT.interrupted, meaning: 'interrupted (Ctrl-C), or answered no; what was sent before stays' },
]

const INDENT = 7
const NARROWEST = 16

/** `columns` of the terminal; without it every meaning is one line. */
export function exitCodesHelp(columns = Number.POSITIVE_INFINITY): string {
  const lines = EXIT_MEANINGS.flatMap(({ code, meaning }) =>
    wrapTo(meaning, Math.max(NARROWEST, columns - INDENT)).map(
      (line, index) => `${index === 0 ? `  ${code}`.padEnd(INDENT) : ' '.repeat(INDENT)}${line}`,
    ),
  )
  return ['Exit codes:', ...lines].join('\n')
}
