/**
 * Who calls, from where. The shell header is believed only because it can cause nothing but a refusal.
 */
import type { Caller } from '../app/ports.ts'
import { formatIpPrefix, isPortNumber, parseIpPrefix } from '../domain/net.ts'
import type { Principal } from './deps.ts'
import { ok, refusal, refused, type Result } from '../domain/refusal.ts'

export const SHELL_HEADER = 'x-sallyport-shell'

export function callerFrom(
  { name, principals, isBreakGlass, session }: Principal,
  { address, correlation }: { readonly address: string; readonly correlation: string },
  shell: string | undefined,
): Result<Caller> {
  const told = { name, address, principals, isBreakGlass, correlation }
  const caller: Caller = session === undefined ? told : { ...told, session }
  if (shell === undefined) return ok(caller)
  const parsed = parseShell(shell)
  return parsed.ok ? ok({ ...caller, shell: parsed.value }) : parsed
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
