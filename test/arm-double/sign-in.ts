/**
 * The three doors to a token: Entra's endpoint (client secret, certificate, workload identity), the metadata service of
 * a machine, and App Service's endpoint; with the discovery document that MSAL asks for. Shapes: platform reference, B.1
 * ("Authority") and https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token.
 */
import { HOUR, SECOND, type Instant } from '../../src/domain/time.ts'
import { SignInError, type Directory } from './directory.ts'
import { json, type DoubleRequest, type DoubleResponse } from './wire.ts'

/** Undefined when the path is not a door. */
export function signInAnswer(request: DoubleRequest, directory: Directory, now: Instant): DoubleResponse | undefined {
  const url = new URL(request.url)
  const path = url.pathname.toLowerCase()
  if (path === '/metadata/identity/oauth2/token') return machineAnswer(request, directory, now)
  if (path === '/msi/token') return appServiceAnswer(request, directory, now)
  const [, tenant = '', door] =
    /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|oauth2\/v2\.0\/token)$/.exec(path) ?? []
  if (door === undefined) return undefined
  return door === 'oauth2/v2.0/token' ? tokenAnswer(request, { tenant, directory, now }) : discovery(url.origin, tenant)
}

function discovery(origin: string, tenant: string): DoubleResponse {
  return json(200, {
    issuer: `${origin}/${tenant}/v2.0`,
    authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
  })
}

function tokenAnswer(
  request: DoubleRequest,
  at: { tenant: string; directory: Directory; now: Instant },
): DoubleResponse {
  const form = Object.fromEntries(new URLSearchParams(request.body ?? ''))
  try {
    const token = at.directory.signIn(at.tenant, form, at.now)
    const life = HOUR / SECOND - 1
    return json(200, { token_type: 'Bearer', expires_in: life, ext_expires_in: life, access_token: token })
  } catch (error) {
    if (error instanceof SignInError) return signInRefusal(error, at.now)
    throw error
  }
}

function signInRefusal({ status, error, number, message }: SignInError, now: Instant): DoubleResponse {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`
  const trace = {
    trace_id: '00000000-0000-0000-0000-000000000000',
    correlation_id: '00000000-0000-0000-0000-000000000000',
  }
  return json(status, {
    error,
    error_description: `${message} Trace ID: ${trace.trace_id} Correlation ID: ${trace.correlation_id} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    ...trace,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
  })
}

function machineAnswer(request: DoubleRequest, directory: Directory, now: Instant): DoubleResponse {
  if (request.headers['metadata']?.toLowerCase() !== 'true')
    return json(400, { error: 'invalid_request', error_description: 'Required metadata header not specified' })
  return managedAnswer(request, directory, now)
}

function appServiceAnswer(request: DoubleRequest, directory: Directory, now: Instant): DoubleResponse {
  if (request.headers['x-identity-header'] === undefined)
    return json(400, { error: 'invalid_request', error_description: 'Required X-IDENTITY-HEADER header not specified' })
  return managedAnswer(request, directory, now)
}

function managedAnswer(request: DoubleRequest, directory: Directory, now: Instant): DoubleResponse {
  const asked = new URL(request.url).searchParams
  const token = directory.managed(asked.get('client_id') ?? undefined, now)
  if (token === undefined) return json(400, { error: 'invalid_request', error_description: 'Identity not found' })
  const ends = Math.floor((now + HOUR) / SECOND)
  const resource = asked.get('resource') ?? ''
  return json(200, {
    access_token: token,
    expires_in: '3599',
    expires_on: String(ends),
    not_before: String(Math.floor(now / SECOND)),
    resource,
    token_type: 'Bearer',
  })
}
