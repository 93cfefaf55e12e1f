/** What a server's refusal means here: an exit code, every reason with its place, and what to do. */
import type { ArmError } from '../../contract/arm-error.ts'
import { IPV6_UNSUPPORTED, NOT_A_SUBSET } from '../../domain/access/request-codes.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

type WireError = ArmError['error']

/** A 400 that is the policy's no, not a mistake in the writing. */
const DENIALS: ReadonlySet<string> = new Set([
  NOT_A_SUBSET,
  IPV6_UNSUPPORTED,
  'MachineNotInPolicy',
  'PortNotInPolicy',
  'SourceNotAllowed',
  'DurationTooLong',
  'MachineUnsupported',
  'HostNotEnrolled',
  'HostRevoked',
])

const REMEDIES: Readonly<Record<string, string>> = {
  WouldCutYourOwnConnection: '--force, when you are sure that you can get in another way',
  HostInUse: '--force, when what it opened may be taken back',
  PreconditionFailed: 'the same command again; somebody changed the policy meanwhile',
  PolicyChangedMeanwhile: 'the same command again',
  PathNotFound: 'is the server older than this program? sallyport whoami and sallyport --version say',
  [NOT_A_SUBSET]: 'sallyport machine show MACHINE, which lists what may be asked for',
}

export function failureOf(status: number, error: WireError): Failure {
  const details = (error.details ?? []).map(({ code, message, target }) =>
    target === undefined ? { code, message } : { code, message, target },
  )
  return new Failure(exitOf(status, error), error.message, {
    details,
    target: details.length > 0 ? undefined : error.target,
    remedy: remedyOf(status, [error.code, ...details.map(({ code }) => code)]),
  })
}

function exitOf(status: number, { code, details = [] }: WireError): ExitCode {
  if (status === 401) return EXIT.notSignedIn
  if (status === 403 || status === 409) return EXIT.denied
  if (code === 'PathNotFound') return EXIT.server // the call is not there; what it would have named may well be
  if (status === 404) return EXIT.notFound
  if (status !== 400) return EXIT.server
  if (code === 'MachineNotFound') return EXIT.notFound
  if (code === 'PolicyChangedMeanwhile') return EXIT.server
  return DENIALS.has(code) || details.some((detail) => DENIALS.has(detail.code)) ? EXIT.denied : EXIT.usage
}

function remedyOf(status: number, codes: readonly string[]): string | undefined {
  if (status === 401) return 'sallyport login, or a token this server knows: --token-file FILE or SALLYPORT_TOKEN_FILE'
  if (status === 403)
    return 'sallyport doctor shows who you are here, sallyport role explain what is missing; ask an administrator for it'
  return codes.map((code) => REMEDIES[code]).find((remedy) => remedy !== undefined)
}
