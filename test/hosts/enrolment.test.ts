/** Who becomes a host, who stays one, and who is not let in: over real TLS, with real certificates. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newKeyWithRequest } from '../../src/agent/csr.ts'
import { enrollHost } from '../../src/agent/enroll-host.ts'
import { renewHost } from '../../src/app/hosts/enrol-host.ts'
import type { HostAuthority } from '../../src/app/ports/hosts.ts'
import { AGENT_PATHS } from '../../src/contract/agent.ts'
import { DAY, MINUTE } from '../../src/domain/time.ts'
import {
  connectAgent,
  enrolled,
  factsOf,
  tryToEnrol,
  type Credentials,
  type Enrolled,
} from '../support/simulated-agent.ts'
import { openAgentDoor, type AgentDoor } from './agent-door.ts'

let at: AgentDoor

beforeAll(async () => {
  at = await openAgentDoor()
})

afterAll(() => at.stop())

const becomes = async (name: string): Promise<Enrolled> => enrolled(at.door, await at.invite(name), name)

const isConnected = async (name: string): Promise<boolean> =>
  at.listener.hub.reportOf((await at.host(name)).id) !== undefined

const soon = (condition: () => unknown): Promise<unknown> => vi.waitFor(condition, { timeout: 1_000, interval: 20 })

const refusalOf = (who: Credentials): Promise<string> => connectAgent(who).then(() => 'let in', String)

const code = (reply: { readonly body: { readonly error?: { readonly code: string } } }) => reply.body.error?.code

function openssl(...args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), `sallyport-csr-${process.pid}-`))
  try {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
    return readFileSync(join(folder, 'out.pem'), 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a host', () => {
  it('enrols by a token, and then its agent is let in and heard', async () => {
    const web1 = await becomes('first')
    const agent = await connectAgent(web1, { facts: factsOf('first.example') })
    await soon(async () => expect(await isConnected('first')).toBe(true))
    expect(await at.host('first')).toMatchObject({ generation: 1, lastSequence: 1, servedBy: 'this-server' })
    expect((await at.host('first')).facts).toContain('first.example')
    expect(await at.audit('host.enrolled')).toContain('first')
    expect(await at.audit('host.connected')).toContain('first')
    await agent.close()
    await soon(async () => expect((await at.host('first')).goneAt).toBeDefined())
  })

  it('is called what the server calls it, whatever its request for a certificate says', async () => {
    const another = ['-subj', '/CN=another-host', '-addext', 'basicConstraints=critical,CA:TRUE']
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem']
    const csr = openssl('req', '-new', ...key, ...another, '-out', 'out.pem')
    const { body } = await tryToEnrol(at.door, await at.invite('called'), { csr })
    const certificate = new X509Certificate(body.certificate)
    expect(certificate.subject).toBe(`CN=${(await at.host('called')).id}\nOU=generation 1`)
    expect(certificate.ca).toBe(false)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  })

  it('may have a key of Ed25519, and none of RSA', async () => {
    const ed25519 = openssl(
      'req',
      '-new',
      '-newkey',
      'ed25519',
      '-nodes',
      '-keyout',
      'k',
      '-subj',
      '/',
      '-out',
      'out.pem',
    )
    expect((await tryToEnrol(at.door, await at.invite('ed'), { csr: ed25519 })).status).toBe(200)
    const rsa = openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k', '-subj', '/', '-out', 'out.pem')
    const token = await at.invite('rsa')
    expect(code(await tryToEnrol(at.door, token, { csr: rsa }))).toBe('InvalidCertificateRequest')
    // Nothing was used up by it.
    expect((await tryToEnrol(at.door, token)).status).toBe(200)
  })

  it('gets no certificate for a key that somebody else has', async () => {
    const { csr } = newKeyWithRequest()
    const der = Buffer.from(csr.replaceAll(/-----.*-----|\s/g, ''), 'base64')
    der[der.length - 5] = (der[der.length - 5] ?? 0) ^ 0xff
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    const reply = await tryToEnrol(at.door, await at.invite('forged'), { csr: forged })
    expect([reply.status, code(reply)]).toEqual([400, 'InvalidCertificateRequest'])
  })

  it('says nothing to a server that has another authority than it was told', async () => {
    const token = await at.invite('careful')
    const enrolment = { server: at.door.server, token, facts: factsOf('careful'), env: {} }
    const files = { writeIdentity: () => {} }
    await expect(enrollHost(files, { ...enrolment, fingerprint: `sha256:${'0'.repeat(64)}` })).rejects.toThrow('trust')
    const fingerprint = `sha256:${at.authority.fingerprint}`
    expect((await enrollHost(files, { ...enrolment, fingerprint })).generation).toBe(1)
  })
})

describe('a token', () => {
  it('is good once, also when a thief comes with it at the same moment', async () => {
    const token = await at.invite('once')
    const replies = await Promise.all([tryToEnrol(at.door, token), tryToEnrol(at.door, token)])
    expect(replies.map(({ status }) => String(status)).toSorted()).toEqual(['200', '403'])
    expect(code(await tryToEnrol(at.door, token))).toBe('EnrollmentTokenUsed')
    expect((await at.host('once')).generation).toBe(1)
    expect((await at.audit('host.turned-away')).filter((why) => why === 'EnrollmentTokenUsed')).toHaveLength(2)
  })

  it('ends', async () => {
    const token = await at.invite('late', 15 * MINUTE)
    at.moveClock(15 * MINUTE)
    expect(code(await tryToEnrol(at.door, token))).toBe('EnrollmentTokenExpired')
    expect(await at.audit('host.turned-away')).toContain('EnrollmentTokenExpired')
  })

  it('is of no use when nobody gave it, or its host was removed', async () => {
    expect(code(await tryToEnrol(at.door, 'guessed'))).toBe('EnrollmentTokenUnknown')
    const token = await at.invite('removed')
    await at.remove('removed')
    expect(code(await tryToEnrol(at.door, token))).toBe('EnrollmentTokenUnknown')
    expect((await at.audit('host.turned-away')).filter((why) => why === 'EnrollmentTokenUnknown')).toHaveLength(2)
  })

  it('is never taken for an option by the program that it is given to', () => {
    const tokens = Array.from({ length: 500 }, () => at.authority.newToken().text)
    expect(tokens.filter((text) => !/^[a-z0-9]/.test(text))).toEqual([])
  })

  it('is not kept where it could be read', async () => {
    const token = await at.invite('secret')
    await tryToEnrol(at.door, token)
    const events = await at.store.reads.audit({}, { limit: 1_000 })
    expect(JSON.stringify(events)).not.toContain(token)
  })
})

describe('nobody is let in', () => {
  it('without a certificate, or with one of another authority', async () => {
    expect(await refusalOf(at.door)).toContain('HostCertificateRequired')
    const other = await openAgentDoor()
    try {
      const stranger = await enrolled(other.door, await other.invite('web1'))
      const here = { ...stranger, server: at.door.server, authority: at.door.authority }
      expect(await refusalOf(here)).toContain('HostCertificateRequired')
      for (const path of [AGENT_PATHS.renew, AGENT_PATHS.report])
        expect(code(await at.call(here, 'POST', path, {}))).toBe('HostCertificateRequired')
      expect(code(await at.call(here, 'GET', AGENT_PATHS.document))).toBe('HostCertificateRequired')
    } finally {
      await other.stop()
    }
  })

  it('with the certificate of an earlier enrolment: it is cut off at once', async () => {
    const old = await becomes('anew')
    const agent = await connectAgent(old)
    await soon(async () => expect(await isConnected('anew')).toBe(true))
    const again = await becomes('anew')
    await soon(() => expect(agent.bye()?.code).toBe('HostCertificateNotInForce'))
    expect((await at.host('anew')).generation).toBe(2)
    expect(await refusalOf(old)).toContain('enrolled again')
    const fresh = await connectAgent(again)
    await soon(async () => expect(await isConnected('anew')).toBe(true))
    await fresh.close()
  })

  it('once the host is revoked, until it is enrolled anew', async () => {
    const web = await becomes('revoked')
    const agent = await connectAgent(web)
    await soon(async () => expect(await isConnected('revoked')).toBe(true))
    await at.revoke('revoked')
    await soon(() => expect(agent.isOpen()).toBe(false))
    expect(agent.bye()?.message).toContain('was revoked')
    expect(await refusalOf(web)).toContain('was revoked')
    await (await connectAgent(await becomes('revoked'))).close()
  })

  it('once the host was removed', async () => {
    const web = await becomes('gone')
    const agent = await connectAgent(web)
    await soon(async () => expect(await isConnected('gone')).toBe(true))
    await at.remove('gone')
    await soon(() => expect(agent.bye()?.code).toBe('HostRemoved'))
    expect(await refusalOf(web)).toContain('was removed')
  })

  it('who goes on trying to enrol: after ten tries not even a good token is looked at for a minute', async () => {
    at.moveClock(MINUTE)
    for (let n = 0; n < 10; n += 1) expect(code(await tryToEnrol(at.door, `guess ${n}`))).toBe('EnrollmentTokenUnknown')
    const token = await at.invite('patient')
    const reply = await tryToEnrol(at.door, token)
    expect([reply.status, code(reply)]).toEqual([429, 'TooManyEnrollments'])
    at.moveClock(MINUTE)
    expect((await tryToEnrol(at.door, token)).status).toBe(200)
  })
})

describe('a cloned key is noticed', () => {
  const bothAreOut = async (name: string, who: Credentials): Promise<void> => {
    await soon(async () => expect((await at.host(name)).revokedBecause).toBe('cloned'))
    expect(await refusalOf(who)).toContain('two machines')
    expect(await at.audit('host.cloned')).toEqual(expect.arrayContaining([expect.stringContaining(name)]))
  }

  it('when the copy reports what the original has reported already', async () => {
    const web = await becomes('copied')
    const original = await connectAgent(web)
    original.report()
    original.report()
    await soon(async () => expect((await at.host('copied')).lastSequence).toBeGreaterThan(0))
    await original.close()
    await connectAgent(web, { sequence: 1 })
    await bothAreOut('copied', web)
  })

  it('when two machines answer at once', async () => {
    const web = await becomes('twins')
    const one = await connectAgent(web, { bootId: 'boot-1' })
    await soon(async () => expect(await isConnected('twins')).toBe(true))
    const other = await connectAgent(web, { bootId: 'boot-2', sequence: 50 })
    await bothAreOut('twins', web)
    await soon(() => expect([one.isOpen(), other.isOpen()]).toEqual([false, false]))
  })

  it.each([
    ['goes back', 5],
    ['comes twice', 11],
  ])('when a report %s over a connection that is open', async (_title, sequence) => {
    const name = `back${sequence}`
    const web = await becomes(name)
    const agent = await connectAgent(web, { sequence: 10 })
    await soon(async () => expect(await isConnected(name)).toBe(true))
    agent.report({ sequence })
    await bothAreOut(name, web)
    await soon(() => expect(agent.isOpen()).toBe(false))
  })

  it('and is none: an agent that comes back over another connection, after a restart or another boot', async () => {
    const web = await becomes('single')
    const first = await connectAgent(web)
    await soon(async () => expect(await isConnected('single')).toBe(true))
    const again = await connectAgent(web, { sequence: 10 })
    await soon(() => expect(first.bye()?.code).toBe('TakenOver'))
    await again.close()
    const booted = await connectAgent(web, { sequence: 20, bootId: 'boot-2' })
    await soon(async () => expect((await at.host('single')).lastBootId).toBe('boot-2'))
    expect((await at.host('single')).revokedAt).toBeUndefined()
    await booted.close()
  })
})

describe('a certificate', () => {
  it('is renewed by one that is still good, which counts until the new one was used', async () => {
    const web = await becomes('renewed')
    const { key, csr } = newKeyWithRequest()
    const reply = await at.call(web, 'POST', AGENT_PATHS.renew, { csr })
    expect(reply.status).toBe(200)
    const clock = (who: Credentials) => at.call(who, 'GET', AGENT_PATHS.clock)
    expect((await clock(web)).status).toBe(200)
    const renewed = { ...web, certificate: reply.body.certificate as string, key }
    expect((await clock(renewed)).status).toBe(200)
    expect(code(await clock(web))).toBe('HostCertificateNotInForce')
    expect((await at.host('renewed')).generation).toBe(1)
    expect(await at.audit('host.renewed')).toEqual(['renewed'])
  })

  it.each<[string, (name: string) => Promise<unknown>]>([
    ['revoked', (name) => at.revoke(name)],
    ['enrolled anew', becomes],
  ])('is not renewed of a host that is %s while the new one is signed', async (how, happens) => {
    const name = how.replace(' ', '-')
    await becomes(name)
    const { id, certificates } = await at.host(name)
    const meanwhile: HostAuthority = {
      ...at.authority,
      certify: async (...asked) => {
        const signed = await at.authority.certify(...asked)
        await happens(name)
        return signed
      },
    }
    const renewal = { host: id, fingerprint: certificates[0] ?? '', csr: newKeyWithRequest().csr, address: '' }
    const clock = { now: () => Date.now() }
    const result = await renewHost({ store: at.store, clock, authority: meanwhile }, renewal)
    expect(result).toMatchObject({ ok: false, refusals: [{ code: 'HostCertificateNotInForce' }] })
    expect((await at.host(name)).certificates).not.toContain(certificates[0])
  })

  it('lives for thirty days, and is to be renewed after twenty', async () => {
    const { body } = await tryToEnrol(at.door, await at.invite('dated'))
    const { validToDate } = new X509Certificate(body.certificate)
    expect(Math.round((validToDate.getTime() - body.serverTime) / DAY)).toBe(30)
    expect(Math.round((body.renewAt - body.serverTime) / DAY)).toBe(20)
  })
})
