import { describe, expect, it } from 'vitest'
import { whyForged } from './forged-call.ts'

const OURS = 'https://jit.example.org'
const call = { method: 'POST', origins: [OURS], token: 'right' }
const honest = { origin: OURS, 'sec-fetch-site': 'same-origin', 'x-csrf-token': 'right' }

describe('a call with a session’s cookie that changes something', () => {
  it.each([
    ['as our pages make it', honest],
    ['by a browser that only says its origin', { origin: OURS, 'x-csrf-token': 'right' }],
    ['by a browser that only says the site', { 'sec-fetch-site': 'same-origin', 'x-csrf-token': 'right' }],
  ])('is let through %s', (_, headers) => {
    expect(whyForged({ ...call, headers })).toBeUndefined()
  })

  it.each([
    ['without the token', { ...honest, 'x-csrf-token': undefined }],
    ['with an empty token', { ...honest, 'x-csrf-token': '' }],
    ['with a wrong token', { ...honest, 'x-csrf-token': 'wrong' }],
    ['with two tokens', { ...honest, 'x-csrf-token': ['right', 'right'] }],
    ['from nowhere', { 'x-csrf-token': 'right' }],
    ['from another origin', { ...honest, origin: 'https://evil.example' }],
    ['from another port of the same host', { ...honest, origin: `${OURS}:8443` }],
    ['from the same host without TLS', { ...honest, origin: 'http://jit.example.org' }],
    ['from a page without an origin', { ...honest, origin: 'null' }],
    ['from another host of the same site', { ...honest, 'sec-fetch-site': 'same-site' }],
    ['from another site', { ...honest, 'sec-fetch-site': 'cross-site' }],
    ['typed by hand', { ...honest, 'sec-fetch-site': 'none' }],
  ])('is refused %s', (_, headers) => {
    expect(whyForged({ ...call, headers })).toMatchObject({ code: 'ForgedCall' })
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'BREW'])('may be a %s', (method) => {
    expect(whyForged({ ...call, method, headers: {} })).toBeDefined()
  })

  it.each(['GET', 'HEAD'])('is no %s, which may come from a link', (method) => {
    expect(whyForged({ ...call, method, headers: {} })).toBeUndefined()
  })
})
