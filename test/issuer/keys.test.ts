import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeProtectedHeader } from 'jose'
import { DAY, HOUR, MINUTE } from '../../src/domain/time.ts'
import { AZURE_CLI, PASSWORD, startIssuer, TENANT, type RunningIssuer } from './running-issuer.ts'

describe('the keys of the issuer', () => {
  let issuer: RunningIssuer
  beforeAll(async () => {
    issuer = await startIssuer()
    await issuer.addUser('ada@example.org')
  })
  afterAll(() => issuer.stop())

  async function token(): Promise<string> {
    const form = { grant_type: 'password', client_id: AZURE_CLI, username: 'ada@example.org', password: PASSWORD }
    return (await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope: `${issuer.url}/.default` } })).body
      .access_token
  }

  async function published(place: string): Promise<string[]> {
    const { keys } = JSON.parse((await issuer.ask(place)).text) as { keys: { kid: string }[] } // fails below when it is not
    return keys.map(({ kid }) => kid)
  }

  it('are published at the address that discovery names, without their private parts', async () => {
    for (const shape of ['/adfs', `/${TENANT}/v2.0`]) {
      const { body: discovery } = await issuer.ask(`${shape}/.well-known/openid-configuration`)
      const { text } = await issuer.ask(new URL(discovery.jwks_uri).pathname)
      expect(JSON.parse(text).keys).toHaveLength(1)
      expect(text).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
    }
  })

  it('rotate: the next one is published an hour before it signs, and the last one until what it signed has ended', async () => {
    const before = await token()
    const { kid: first } = decodeProtectedHeader(before)
    issuer.move(30 * DAY - HOUR)
    expect(await published('/adfs/discovery/keys')).toHaveLength(2)
    expect(decodeProtectedHeader(await token()).kid).toBe(first)
    issuer.move(30 * MINUTE)
    const last = await token()
    expect(decodeProtectedHeader(last).kid).toBe(first)
    issuer.move(31 * MINUTE)
    const after = await token()
    expect(decodeProtectedHeader(after).kid).not.toBe(first)
    expect(await issuer.claimsOf(last)).toMatchObject({ upn: 'ada@example.org' })
    expect(await issuer.claimsOf(after)).toMatchObject({ upn: 'ada@example.org' })
    issuer.move(DAY)
    expect(await published(`/${TENANT}/discovery/v2.0/keys`)).toEqual([decodeProtectedHeader(after).kid])
    await expect(issuer.claimsOf(last)).rejects.toThrow(/key|"exp"/)
  })

  it('outlive a restart', async () => {
    const before = await token()
    await issuer.restart()
    expect(await issuer.claimsOf(before)).toMatchObject({ upn: 'ada@example.org' })
    expect(decodeProtectedHeader(await token()).kid).toBe(decodeProtectedHeader(before).kid)
  })

  it('are sealed in the database', async () => {
    const [key] = await issuer.store().reads.identity.signingKeys()
    expect(key?.sealedPrivateKey).not.toContain('"d"')
    expect(() => issuer.sealer.open(key?.sealedPrivateKey ?? '', 'signing-key:other')).toThrow('does not open')
  })

  it('logged no fault', () => {
    expect(issuer.faults).toEqual([])
  })
})
