import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from '@azure/identity'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { OWNER, TENANT } from './estate.ts'
import { inProcessClient } from './in-process-client.ts'
import { aDouble } from './running-double.ts'

const authorityHost = 'https://login.double'
const certificate = makeCertificate('sallyport')
const program = { ...OWNER, certificate: certificate.cert }
const double = aDouble({ programs: [program] })
const httpClient = inProcessClient(double)
const options = { authorityHost, disableInstanceDiscovery: true, httpClient, retryOptions: { maxRetries: 0 } }
const scope = 'https://arm.double/.default'
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `arm-double-sign-in-${process.pid}-`))
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

describe('@azure/identity signs in', () => {
  it('with a client secret', async () => {
    const credential = new ClientSecretCredential(TENANT, program.clientId, program.secret ?? '', options)
    expect((await credential.getToken(scope)).token).toMatch(/^double\./)
  })

  it('not with a wrong one, and is told so as Entra tells', async () => {
    const credential = new ClientSecretCredential(TENANT, program.clientId, 'guess', options)
    await expect(credential.getToken(scope)).rejects.toThrow(/AADSTS7000215: Invalid client secret provided/)
    const stranger = new ClientSecretCredential(TENANT, crypto.randomUUID(), 'guess', options)
    await expect(stranger.getToken(scope)).rejects.toThrow(/AADSTS700016/)
    const elsewhere = new ClientSecretCredential(crypto.randomUUID(), program.clientId, 'guess', options)
    await expect(elsewhere.getToken(scope)).rejects.toThrow(/AADSTS90002/)
  })

  it('with a certificate, and only with its own', async () => {
    const signIn = ({ cert, key }: { cert: string; key: string }) =>
      new ClientCertificateCredential(TENANT, program.clientId, { certificate: `${cert}${key}` }, options).getToken(
        scope,
      )
    expect((await signIn(certificate)).token).toMatch(/^double\./)
    await expect(signIn(makeCertificate('other'))).rejects.toThrow(/AADSTS700027/)
  })

  it('as a workload, with the token of its own platform', async () => {
    const tokenFilePath = join(folder, 'token')
    const signIn = async (subject: string) => {
      const token = new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(program.federated?.issuer ?? '')
        .setSubject(subject)
      await writeFile(
        tokenFilePath,
        await token.setExpirationTime('5m').sign(new TextEncoder().encode('a key of the platform')),
      )
      return new WorkloadIdentityCredential({
        ...options,
        tenantId: TENANT,
        clientId: program.clientId,
        tokenFilePath,
      }).getToken(scope)
    }
    expect((await signIn(program.federated?.subject ?? '')).token).toMatch(/^double\./)
    await expect(signIn('repo:somebody/else')).rejects.toThrow(/AADSTS/)
  })

  it('as a machine, by the metadata service or by App Service', async () => {
    expect((await new ManagedIdentityCredential(options).getToken(scope)).token).toMatch(/^double\./)
    vi.stubEnv('IDENTITY_ENDPOINT', 'https://arm.double/msi/token')
    vi.stubEnv('IDENTITY_HEADER', 'secret')
    expect(
      (await new ManagedIdentityCredential({ ...options, clientId: program.clientId }).getToken(scope)).token,
    ).toMatch(/^double\./)
  })
})
