/** Why another machine could not be spoken to, in words for whoever typed its address. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name is not known',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ETIMEDOUT: 'no answer: is a firewall in between?',
  EHOSTUNREACH: 'there is no way there',
  ENETUNREACH: 'there is no way there',
  EPROTO: 'what listens there speaks no TLS: is it http:// there?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there speaks no TLS: is it http:// there?',
}

/** The call says that it failed, its cause says why. */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  if (typeof code !== 'string')
    return (cause instanceof Error ? cause : error instanceof Error ? error : undefined)?.message ?? String(error)
  return REASONS[code] ?? (code.startsWith('HPE_') ? 'what listens there speaks no HTTP: is it https:// there?' : code)
}
