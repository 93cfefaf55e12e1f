import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseReturnPath } from './return-path.ts'

const OURS = 'https://jit.example.org'

describe('after a sign-in the browser goes', () => {
  it.each([
    [undefined, '/'],
    ['/', '/'],
    ['/portal?tab=1#top', '/portal?tab=1#top'],
    ['/a/../b', '/b'],
    ['/authors', '/authors'],
    // Whole, it cannot be read as a host.
    ['/.//evil.example', '//evil.example'],
  ])('to %j of this server: %s', (text, path) => {
    expect(parseReturnPath(text, OURS)).toEqual({ ok: true, value: `${OURS}${path}` })
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'portal',
    '?x',
    '',
    '/auth/sign-out',
    '/AUTH/sign-in',
    '/x/../auth/session',
    '//auth/session',
    '/oauth2/signout',
    `${OURS}.evil.example/`,
    `${OURS}@evil.example/`,
  ])('never to %j', (text) => {
    expect(parseReturnPath(text, OURS)).toMatchObject({ ok: false, refusals: [{ code: 'InvalidReturnTo' }] })
  })

  it('never to another origin, whatever is written', () => {
    const pieces = fc.array(fc.constantFrom('/', '\\', '.', ':', '@', '\t', '%2f', 'evil.example', 'https:', '?', '#'))
    const texts = fc.oneof(
      fc.webUrl(),
      fc.string(),
      pieces.map((parts) => `/${parts.join('')}`),
    )
    const astray = fc.sample(texts, 5_000).filter((text) => {
      const parsed = parseReturnPath(text, OURS)
      return parsed.ok && (new URL(parsed.value).origin !== OURS || !parsed.value.startsWith(`${OURS}/`))
    })
    expect(astray).toEqual([])
  })
})
