import { describe, expect, it } from 'vitest'
import { issuerList } from './issuer-config.ts'

const entra = {
  issuer: 'https://login.microsoftonline.com/0f8fad5b-d9cb-469f-a165-70867728950e/v2.0',
  audiences: 'https://sallyport.example',
}

describe('the trusted issuers of the configuration', () => {
  it('need an issuer and an audience only', () => {
    expect(issuerList.parse([entra])).toMatchObject([
      {
        audiences: ['https://sallyport.example'],
        keys: { kind: 'discovery' },
        prefix: '',
        claims: { objectId: ['oid'] },
      },
    ])
  })

  it('tell the command line as whom to sign in, where they are told it themselves', () => {
    const [plain, signing] = issuerList.parse([
      entra,
      { ...entra, issuer: 'https://id.example/', cliSignIn: { clientId: 'cli' } },
    ])
    const scope = 'openid profile offline_access'
    expect(plain?.cliSignIn).toBeUndefined()
    expect(signing?.cliSignIn).toEqual({ clientId: 'cli', scope, name: 'id.example' })
  })

  it.each([
    ['over plain HTTP', { ...entra, issuer: 'http://login.example' }],
    ['with keys over plain HTTP', { ...entra, jwksUri: 'http://login.example/keys' }],
    ['with a shared secret', { ...entra, algorithms: ['HS256'] }],
    ['without an algorithm', { ...entra, algorithms: [] }],
    ['for any audience', { ...entra, audiences: [] }],
    ['whose ids could be another issuer’s', { ...entra, claims: { objectId: 'sub' } }],
    ['with a member that nobody knows', { ...entra, audience: 'typo' }],
  ])('are refused %s', (_, entry) => {
    expect(issuerList.safeParse([entry]).success).toBe(false)
  })

  it('are listed once each', () => {
    expect(issuerList.safeParse([entra, entra]).success).toBe(false)
  })

  it('may be on this machine without TLS, and name people by another claim when their ids are told apart', () => {
    const local = { issuer: 'http://127.0.0.1:8080', audiences: 'x', claims: { objectId: 'sub' }, prefix: 'gitlab:' }
    expect(issuerList.safeParse([local]).success).toBe(true)
  })
})
