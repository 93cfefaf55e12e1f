/**
 * Who calls, from where. The shell header is believed only because it can cause nothing but a refusal; for whom a program
 * says that it acts is written down as its word, and decides nothing.
 */
import type { Caller } from '../../app/ports/caller.ts'
import { formatIpPrefix, isPortNumber, parseIpPrefix } from '../../domain/net.ts'
import type { Principal } from '../deps.ts'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'

export const SHELL_HEADER = 'x-sallyport-shell'
export const BEHALF_HEADER = 'x-sallyport-on-behalf-of'

/** What a client says of itself. */
interface Said {
  readonly shell: string | undefined
  readonly onBehalfOf: string | undefined
}

export function callerFrom(
  { name, principals, isBreakGlass, session, through }: Principal,
  { address, correlation }: { readonly address: string; readonly correlation: string },
  said: Said,
): Result<Caller> {
  const shell = said.shell === undefined ? ok(undefined) : parseShell(said.shell)
  const behalf = said.onBehalfOf === undefined ? ok(undefined) : parseBehalf(said.onBehalfOf, name)
  if (!shell.ok || !behalf.ok) return refused(...[shell, behalf].flatMap((each) => (each.ok ? [] : each.refusals)))
  return ok({
    name,
    address,
    principals,
    isBreakGlass,
    correlation,
    ...(session !== undefined && { session }),
    ...(through !== undefined && { through }),
    ...(shell.value !== undefined && { shell: shell.value }),
    ...(behalf.value !== undefined && { claimedOnBehalfOf: behalf.value }),
  })
}

/** A person acts for itself; only a program, which has no name of its own, may say for whom it works. */
function parseBehalf(text: string, name: string): Result<string> {
  const isText = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/.test(text)
  if (isText && name === '') return ok(text)
  const message =
    name === ''
      ? `the header ${BEHALF_HEADER} should be a name of 1 to 256 printable ASCII characters, such as 'ada@example.org'`
      : `only a program may send the header ${BEHALF_HEADER}; you are '${name}' and act for yourself`
  return refused(refusal('InvalidOnBehalfOf', message, BEHALF_HEADER))
}

function parseShell(text: string): Result<NonNullable<Caller['shell']>> {
  const [address = '', port = '', ...rest] = text.trim().split(/\s+/)
  const prefix = parseIpPrefix(address)
  const number = /^\d{1,5}$/.test(port) ? Number(port) : undefined
  if (prefix.ok && !address.includes('/') && isPortNumber(number) && rest.length === 0)
    return ok({ address: formatIpPrefix(prefix.value), port: number })
  const message = `the header ${SHELL_HEADER} should be an address and a port, such as '203.0.113.7 50022'; got '${text.slice(0, 60)}'`
  return refused(refusal('InvalidShellHeader', message, SHELL_HEADER))
}
