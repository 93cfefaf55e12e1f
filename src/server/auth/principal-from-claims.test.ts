import { describe, expect, it } from 'vitest'
import { valueOf } from '../../../test/support/builders.ts'
import { principalFromClaims } from './principal-from-claims.ts'

const RULES = {
  issuer: 'https://issuer.example',
  claims: { objectId: ['oid'], name: ['upn'], groups: 'groups' },
  prefix: '',
  require: {},
}

const through = (claims: object): string | undefined =>
  valueOf(principalFromClaims(RULES, { oid: 'id-of-ada', ...claims })).through

describe('through which program a person acts', () => {
  it('is the application that the token was given to', () => {
    expect(through({ upn: 'ada@example.org', azp: 'portal' })).toBe('portal')
    expect(through({ upn: 'ada@example.org', appid: 'az' })).toBe('az')
    expect(through({ upn: 'ada@example.org' })).toBeUndefined()
  })

  it('is nobody else where a program acts for itself', () => {
    expect(through({ azp: 'robot' })).toBeUndefined()
    expect(through({ upn: 'robot', idtyp: 'app', azp: 'robot' })).toBeUndefined()
  })

  it('is the chain of actors that the issuer names, the last one first', () => {
    const act = { sub: 'mail-service', act: { client_id: 'front-end' } }
    expect(through({ upn: 'ada@example.org', azp: 'portal', act })).toBe('mail-service for front-end')
    expect(through({ upn: 'ada@example.org', act: { sub: 7 } })).toBe('unnamed')
  })

  it('changes nothing of whose rights are used', () => {
    const token = { oid: 'id-of-ada', upn: 'ada@example.org', groups: ['g'] }
    const { through: _, ...acting } = valueOf(
      principalFromClaims(RULES, { ...token, act: { sub: 'root', groups: ['x'] } }),
    )
    expect(acting).toEqual(valueOf(principalFromClaims(RULES, token)))
  })

  it('does not grow with what a token makes up', () => {
    let act: object = { sub: 'deepest' }
    for (let depth = 0; depth < 1_000; depth++) act = { sub: 'x', act }
    expect(through({ upn: 'ada@example.org', act })).toBe('x for x for x for x for x')
  })
})
