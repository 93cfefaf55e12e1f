import { describe, expect, it } from 'vitest'
import { discoveryOf, placeOf } from './places.ts'

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47'
const INSTALLED = { url: 'https://jit.example.org:8443', tenant: TENANT }

describe('the issuer is found', () => {
  it.each([
    ['/adfs/.well-known/openid-configuration', 'discovery'],
    ['/adfs/oauth2/token', 'token'],
    ['/ADFS/OAuth2/Token', 'token'],
    ['/adfs/oauth2/devicecode', 'devicecode'],
    ['/adfs/oauth2/authorize', 'authorize'],
    [`/${TENANT}/v2.0/.well-known/openid-configuration`, 'discovery'],
    [`/${TENANT.toUpperCase()}/oauth2/v2.0/token`, 'token'],
    ['/common/oauth2/v2.0/devicecode', 'devicecode'],
    ['/organizations/oauth2/v2.0/authorize', 'authorize'],
    ['/oauth2/token', 'token'],
    ['/oauth2/interaction/abc', 'own'],
  ])('at %s: %s', (path, endpoint) => {
    expect(placeOf(path, TENANT)).toMatchObject({ endpoint })
  })

  it.each(['/', '/adfs', '/adfs/ls', '/subscriptions/x/providers/y', '/api/v1/users', '/oauth2x/token'])(
    'not at %s',
    (path) => expect(placeOf(path, TENANT)).toBeUndefined(),
  )

  it('of another tenant is not here', () => {
    expect(placeOf('/11111111-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token', TENANT)).toBe('unknown-tenant')
  })
})

describe('each discovery document', () => {
  it.each(['adfs', 'tenant'] as const)('of the %s shape leads back to the issuer by every address in it', (shape) => {
    const document = discoveryOf(INSTALLED, shape)
    const addresses = Object.entries(document).filter(([name]) => /_(endpoint|uri)$/.test(name))
    expect(addresses.length).toBeGreaterThan(5)
    for (const [, address] of addresses) {
      const { origin, pathname } = new URL(String(address))
      expect(origin).toBe(INSTALLED.url)
      expect(placeOf(pathname, TENANT)).toMatchObject({ endpoint: expect.any(String) })
    }
  })
})
