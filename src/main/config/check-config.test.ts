import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { makeCertificate } from '../../../test/support/certificate.ts'
import { startTokenIssuer } from '../../../test/support/token-issuer.ts'
import { checkConfig, type Checked } from './check-config.ts'
import { loadConfig } from './config.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-check-${process.pid}-`))
})
afterEach(() => rm(folder, { recursive: true }))

async function checked(written: object, isOnline = false): Promise<Checked> {
  const file = join(folder, 'sallyport.yaml')
  await writeFile(file, JSON.stringify(written))
  const loaded = await loadConfig({ flags: {}, env: {}, file })
  if (!loaded.ok) throw new Error(loaded.refusals.map(({ message }) => message).join('; '))
  return checkConfig(loaded.value, { isOnline })
}

const ENTRA = {
  issuer: 'https://login.example/v2.0',
  audiences: ['api://sallyport'],
  prefix: 'entra:',
  require: { tid: 'acme' },
  browserSignIn: { clientId: 'portal', clientSecretFile: '/etc/sallyport/secret' },
}

describe('the check of a configuration', () => {
  it('prints what can be used as a configuration again, with the issuers', async () => {
    const { text, isGood } = await checked({ listen: '127.0.0.1:8470', issuers: [ENTRA] })
    const again = parse(text)
    expect(again.issuers).toMatchObject([ENTRA])
    const { text: twice } = await checked(again)
    expect([isGood, twice]).toEqual([true, text])
  })

  it('prints no password of a database', async () => {
    const { text } = await checked({ database: 'postgres://ada:hush@db.example/sallyport' })
    expect(text).toContain('postgres://ada:***@db.example/sallyport')
    expect(text).not.toContain('hush')
  })

  it.each([
    [{ ownIssuer: 'off' }, 'own issuer: off'],
    [{ listen: '127.0.0.1:0' }, 'own issuer: none'],
    [
      { publicUrl: 'https://jit.example.org' },
      'own issuer: at https://jit.example.org, one-time codes for administrators',
    ],
  ])('says of %j: %s', async (written, said) => {
    expect((await checked(written)).text).toContain(`# ${said}`)
  })

  it('asks the issuers when told to, and tells which of them do not answer', async () => {
    const issuer = await startTokenIssuer()
    const audiences = 'api://sallyport'
    const good = { issuer: issuer.url, audiences }
    expect((await checked({ issuers: [good] })).text).not.toContain('answers')
    expect(issuer.asked()).toBe(0)
    expect(await checked({ issuers: [good] }, true)).toMatchObject({
      isGood: true,
      text: expect.stringContaining(`# ${issuer.url} answers: 1 key\n`),
    })
    const wrong = { issuer: 'http://127.0.0.1:1', audiences }
    const found = await checked({ issuers: [good, wrong] }, true)
    expect([found.isGood, found.text]).toEqual([
      false,
      expect.stringMatching(/# http:\/\/127\.0\.0\.1:1 does not answer as it should: .*(refused|failed|bad port)/),
    ])
    issuer.goDown()
    expect((await checked({ issuers: [good] }, true)).text).toContain('should answer 200; it answers 500')
    await issuer.stop()
  })

  it('says for whom and until when the certificate is, or why a server would not start with it', async () => {
    const { cert, key } = makeCertificate('jit.example.org', 'DNS:jit.example.org,IP:192.0.2.1')
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    await writeFile(tlsCert, cert)
    expect(await checked({ tlsCert, tlsKey })).toMatchObject({
      isGood: false,
      text: expect.stringContaining(`# certificate: --tls-key ${tlsKey} cannot be read`),
    })
    await writeFile(tlsKey, key)
    expect(await checked({ tlsCert, tlsKey })).toMatchObject({
      isGood: true,
      text: expect.stringMatching(/# certificate: for jit\.example\.org, 192\.0\.2\.1, until \w+ +\d+ .* GMT\n/),
    })
  })
})
