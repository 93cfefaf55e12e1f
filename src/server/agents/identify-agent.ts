/**
 * Who comes with a certificate: the host that it names, if the certificate is one of those in force. Asked of the record at
 * each call, so that nobody comes in with what was revoked a moment ago.
 */
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { App } from '../../app/app.ts'
import { settleCertificate } from '../../app/hosts/enrol-host.ts'
import { revokeClone } from '../../app/hosts/revoke-host.ts'
import { CERTIFICATE_LIVES, type Host, type HostId } from '../../domain/hosts/host.ts'
import { ok, refusal, refused, type Refusal, type Result } from '../../domain/refusal.ts'
import { MINUTE, type Instant, type Millis } from '../../domain/time.ts'
import type { PollCaller } from './agent-poll.ts'

export function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? ''
}

export async function identifyAgent(
  deps: Pick<App, 'store' | 'clock' | 'log'>,
  request: IncomingMessage,
): Promise<Result<PollCaller>> {
  const socket = request.socket as TLSSocket // the listener speaks nothing but TLS
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return refused(NO_CERTIFICATE)
  if (!socket.authorized) return refused(notSigned(socket.authorizationError))
  const endsAt = certificate.validToDate.getTime()
  // Who resumes a TLS session is not asked for a certificate again.
  if (endsAt <= deps.clock.now()) return refused(notSigned('CERT_HAS_EXPIRED'))
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  const id = /^CN=(.+)$/m.exec(certificate.subject)?.[1] as HostId | undefined // the authority writes ids of hosts there
  const host = id === undefined ? undefined : await deps.store.reads.hosts.byId(id)
  if (host === undefined) return refused(refusal('HostCertificateNotInForce', `the host was removed; ${AGAIN}`))
  if (!host.certificates.includes(fingerprint))
    return refused(await whyNotInForce(deps, request, { certificate, host }))
  if (host.certificates.length > 1 && host.certificates.at(-1) === fingerprint)
    await settleCertificate(deps, { host: host.id, fingerprint })
  return ok({ host, fingerprint, address: addressOf(request), endsAt })
}

/** An agent that was renewed forgets the certificate before at once; calls that were under way may still come. */
const STRAGGLERS: Millis = 5 * MINUTE

interface Outdated {
  readonly certificate: X509Certificate
  readonly host: Host
}

/**
 * Who renews gets the next certificate, be it the host or a thief of its key. The other one goes on coming with the one
 * before, of the same enrolment: then there are two, and which is the right one nobody can tell.
 */
async function whyNotInForce(
  deps: Pick<App, 'store' | 'clock' | 'log'>,
  request: IncomingMessage,
  { certificate, host }: Outdated,
): Promise<Refusal> {
  const inForce = host.certificates.at(-1)
  if (inForce === undefined || !isSuperseded({ certificate, host }, deps.clock.now())) return notInForce(host)
  const why = `one came with a certificate of ${host.name} that another has renewed`
  const clone = { host: host.id, fingerprint: inForce, address: addressOf(request), why }
  deps.log.error({ ...clone }, 'two machines use the key of one host: enrol the right one anew')
  await revokeClone(deps, clone)
  return notInForce({ ...host, revokedBecause: 'cloned' })
}

function isSuperseded({ certificate, host }: Outdated, now: Instant): boolean {
  const { generation, certificateEndsAt } = host
  if (certificateEndsAt === undefined || !certificate.subject.split('\n').includes(`OU=generation ${generation}`))
    return false
  return now > certificateEndsAt - CERTIFICATE_LIVES + STRAGGLERS
}

const AGAIN = "to let it in, enrol it again: 'sallyport host enroll NAME'"

const NO_CERTIFICATE = refusal(
  'HostCertificateRequired',
  `only an agent with a certificate of this installation may do this; enrol the host first`,
)

function notSigned(error: Error | string | null): Refusal {
  const why = String(error ?? '')
  const message = `the certificate is not good here (${why}): it must be signed by this installation's authority and not have ended; ${AGAIN}`
  return refusal('HostCertificateRequired', message)
}

export function notInForce({ name, revokedBecause }: Host): Refusal {
  const why =
    revokedBecause === 'cloned'
      ? `two machines were seen to use the key of ${name}, so neither is let in`
      : revokedBecause === 'administrator'
        ? `${name} was revoked`
        : `${name} was enrolled again, or whoever has a copy of its key renewed it elsewhere, so this certificate counts no more`
  return refusal('HostCertificateNotInForce', `${why}; ${AGAIN}`)
}
