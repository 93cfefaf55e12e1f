import { describe, expect, it } from 'vitest'
import { parseScope } from './scopes.ts'

const KNOWN = ['https://localhost:8443', 'https://management.azure.com']

describe('a scope', () => {
  it.each([
    ['https://localhost:8443/.default', 'https://localhost:8443'],
    ['https://localhost:8443//.default', 'https://localhost:8443'],
    ['https://LOCALHOST:8443/.default openid profile offline_access', 'https://localhost:8443'],
    ['https://management.azure.com//.default', 'https://management.azure.com'],
    ['https://localhost:8443/user_impersonation offline_access', 'https://localhost:8443'],
    ['openid profile', undefined],
    ['', undefined],
  ])('%j asks for %s', (scope, resource) => {
    expect(parseScope(scope, KNOWN)).toMatchObject({ ok: true, value: { resource } })
  })

  it('keeps what OpenID Connect means by it', () => {
    const parsed = parseScope('https://localhost:8443/.default offline_access openid', KNOWN)
    expect(parsed).toMatchObject({ value: { oidc: ['offline_access', 'openid'] } })
  })

  it.each([
    'https://graph.microsoft.com/.default',
    'https://localhost:8444/.default',
    'admin',
    'https://localhost:8443.evil/.default',
  ])('of a stranger is refused: %s', (scope) => {
    const parsed = parseScope(scope, KNOWN)
    expect(parsed.ok ? '' : parsed.refusals[0]?.message).toContain(
      "ask for the scope 'https://localhost:8443/.default'",
    )
  })

  it('of two resources at once is refused', () => {
    expect(parseScope(KNOWN.map((resource) => `${resource}/.default`).join(' '), KNOWN).ok).toBe(false)
  })
})
