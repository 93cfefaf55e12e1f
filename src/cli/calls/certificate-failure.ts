/** A server whose certificate is not believed: why, and what to do about it. Undefined for every other failure. */
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

/** Node.js's names for what OpenSSL finds: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

export class UnknownAuthority extends Failure {
  /** Its origin. */
  readonly server: string

  constructor(server: string, cause: unknown) {
    super(EXIT.server, `the certificate of ${server} is signed by an authority that this machine does not know`, {
      remedy: `sallyport login --server ${server} --trust-ca FILE, the authority's file from whoever runs the server (a development one: tls/dev-ca.pem in its data folder); for one command: --ca-file FILE`,
      cause,
    })
    this.server = new URL(server).origin
  }
}

export function certificateFailure(server: string, error: unknown): Failure | undefined {
  const code = codeOf(error)
  if (code === undefined) return undefined
  if (UNKNOWN_AUTHORITY.has(code)) return new UnknownAuthority(server, error)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const message = `the certificate of ${server} is for another name`
    return new Failure(EXIT.server, message, { remedy: '--server with the name that it is for', cause: error })
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const message = `the certificate of ${server} is not valid at this time (${code})`
    return new Failure(EXIT.server, message, {
      remedy: 'check the clock here, and the certificate there',
      cause: error,
    })
  }
  return undefined
}

/** fetch hides the reason in its cause, and OpenID clients hide fetch's. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code: unknown = Reflect.get(at, 'code')
    if (typeof code === 'string' && (UNKNOWN_AUTHORITY.has(code) || /CERT_/.test(code))) return code
  }
  return undefined
}
