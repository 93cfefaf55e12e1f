import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT, generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AzureCredential, ConnectionCheck } from '../../src/domain/clouds/connection.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import type { Program } from '../arm-double/directory.ts'
import { OWNER } from '../arm-double/estate.ts'
import { aMachineId } from '../support/builders.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startAzure, type AzureGround } from './azure-ground.ts'

const never = new AbortController().signal
const { secret: _, federated, ...owner } = OWNER

let azure: AzureGround
let folder: string
const environment = { ...process.env }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), `sallyport-azure-${process.pid}-`))
})
afterEach(async () => {
  process.env = { ...environment }
  await azure.stop()
  await rm(folder, { recursive: true })
})

interface Way {
  readonly credential: AzureCredential
  readonly program?: Program
  readonly secret?: string
}

/** What `connect check` says of signing in, in an Azure where only this program may. */
async function signIn({ credential, program = OWNER, secret }: Way): Promise<ConnectionCheck | undefined> {
  azure = await startAzure({ programs: [program] })
  return checkedWith(credential, secret)
}

async function checkedWith(credential: AzureCredential, secret?: string): Promise<ConnectionCheck | undefined> {
  const { secret: _kept, settings, ...connection } = azure.connection
  if (settings.kind !== 'azure') throw new Error('the connection is one to Azure')
  const checks = await azure.side.check(
    { ...connection, settings: { ...settings, credential }, ...(secret !== undefined && { secret }) },
    never,
  )
  return checks[0]
}

const { clientId } = OWNER

describe('signing in to Azure', () => {
  it('works by certificate, with its private key in the same text', async () => {
    const { cert, key } = makeCertificate('sallyport')
    const program = { ...owner, certificate: cert }
    const check = await signIn({ credential: { kind: 'certificate', clientId }, program, secret: `${cert}${key}` })
    expect(check).toMatchObject({ name: 'sign-in', status: 'ok' })
  })

  it('works by the token that a platform gives to a workload', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const claims = { sub: federated?.subject ?? '', iss: federated?.issuer ?? '', aud: 'api://AzureADTokenExchange' }
    const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).setExpirationTime('1h')
    const tokenFile = join(folder, 'token')
    await writeFile(tokenFile, await token.sign(privateKey))
    const check = await signIn({ credential: { kind: 'workloadIdentity', clientId, tokenFile } })
    expect(check).toMatchObject({ name: 'sign-in', status: 'ok' })
  })

  it('works as the managed identity of the machine', async () => {
    azure = await startAzure()
    const { settings } = azure.connection
    if (settings.kind !== 'azure' || settings.cloud.name !== 'custom') throw new Error('an Azure of its own')
    process.env['IDENTITY_ENDPOINT'] = `${settings.cloud.endpoint}/msi/token`
    process.env['IDENTITY_HEADER'] = 'of this machine'
    const check = await checkedWith({ kind: 'managedIdentity' })
    expect(check).toMatchObject({ name: 'sign-in', status: 'ok' })
  })

  it('fails with a sentence when the connection keeps no secret, and leaves the other connections alone', async () => {
    const check = await signIn({ credential: { kind: 'clientSecret', clientId } })
    expect(check).toMatchObject({ status: 'missing', text: expect.stringContaining('keeps no secret') })
    const { secret: _none, ...broken } = azure.connection
    const key = resourceKey(aMachineId('broken', { type: 'Microsoft.Security/securityConnectors' }))
    await azure.side.connect([{ ...broken, key }, azure.connection])
    await expect(azure.side.inventoryOf(azure.connection, never)).resolves.toMatchObject({ machines: [] })
    await expect(azure.side.inventoryOf({ ...broken, key }, never)).rejects.toThrow('keeps no secret')
  })
})
