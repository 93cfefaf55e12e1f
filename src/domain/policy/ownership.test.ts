import { describe, expect, it } from 'vitest'
import { aPolicy, NOON, valueOf } from '../../../test/support/builders.ts'
import { formatOwner, parseOwner, refusalOfClaim, refusalOfRemoval, upkeepAfter, type Claim } from './ownership.ts'
import { isSamePolicy } from './same-policy.ts'
import { HOUR } from '../time.ts'

const claim = (text: string, takeOver = false): Claim => ({ owner: valueOf(parseOwner(text)), takeOver })
const CODE = claim('sallyport-apply github.com/acme/access')
const OTHER = claim('terraform')
const managed = upkeepAfter({}, CODE, { changed: true, now: NOON })

describe('who manages a policy', () => {
  it('is a tool with or without a source, and reads as it was written', () => {
    for (const text of ['terraform', 'sallyport-apply github.com/acme/access#main']) {
      const owner = valueOf(parseOwner(text))
      expect(owner === 'none' ? owner : formatOwner(owner)).toBe(text)
    }
    expect(parseOwner('none')).toEqual({ ok: true, value: 'none' })
    for (const text of ['', ' ', 'a b c', 'tool söurce', '9tool', `t ${'s'.repeat(257)}`])
      expect(parseOwner(text)).toMatchObject({ ok: false, refusals: [{ code: 'InvalidManagedBy' }] })
  })

  it('is whoever wrote first and said so, since then', () => {
    expect(managed).toEqual({ managedBy: { tool: 'sallyport-apply', source: 'github.com/acme/access', since: NOON } })
    expect(upkeepAfter(managed, CODE, { changed: true, now: NOON + HOUR })).toEqual(managed)
  })

  it('stays when somebody else changes the policy, which is then known; until the owner writes it again', () => {
    const outside = upkeepAfter(managed, undefined, { changed: true, now: NOON + 1 })
    expect(outside).toEqual({ ...managed, changedOutsideAt: NOON + 1 })
    expect(upkeepAfter(outside, undefined, { changed: true, now: NOON + 2 })).toEqual(outside)
    expect(upkeepAfter(outside, CODE, { changed: true, now: NOON + 3 })).toEqual(managed)
  })

  it('nobody: then no change comes from outside', () => {
    expect(upkeepAfter({}, undefined, { changed: true, now: NOON })).toEqual({})
  })

  it('writing the same again by hand is no change', () => {
    expect(upkeepAfter(managed, undefined, { changed: false, now: NOON + 1 })).toEqual(managed)
  })

  it('changes only when the second says that it means it', () => {
    expect(refusalOfClaim(managed, OTHER)?.code).toBe('PolicyManagedElsewhere')
    expect(refusalOfClaim(managed, claim('sallyport-apply elsewhere'))?.code).toBe('PolicyManagedElsewhere')
    expect(refusalOfClaim(managed, CODE)).toBeUndefined()
    expect(refusalOfClaim(managed, undefined)).toBeUndefined()
    expect(refusalOfClaim({}, OTHER)).toBeUndefined()
    expect(refusalOfClaim(managed, claim('terraform', true))).toBeUndefined()
    const taken = upkeepAfter(managed, claim('terraform', true), { changed: false, now: NOON + 1 })
    expect(taken).toEqual({ managedBy: { tool: 'terraform', since: NOON + 1 } })
    expect(upkeepAfter(managed, claim('none'), { changed: false, now: NOON })).toEqual({})
  })

  it('code removes nothing that it does not manage', () => {
    expect(refusalOfRemoval({}, CODE)?.code).toBe('PolicyManagedElsewhere')
    expect(refusalOfRemoval(managed, OTHER)?.code).toBe('PolicyManagedElsewhere')
    expect(refusalOfRemoval(managed, CODE)).toBeUndefined()
    expect(refusalOfRemoval(managed, undefined)).toBeUndefined()
    expect(refusalOfRemoval({}, claim('terraform', true))).toBeUndefined()
  })
})

describe('a policy means the same', () => {
  it('whatever the order of its ports and sources', () => {
    const one = aPolicy({ ports: [{ port: 22, from: ['10.0.0.0/8', '192.0.2.1'] }, { port: 3389 }] })
    const other = aPolicy({ ports: [{ port: 3389 }, { port: 22, from: ['192.0.2.1', '10.0.0.0/8'] }] })
    expect(isSamePolicy(one, other)).toBe(true)
  })

  it('only while every port has its protocol, sources and maximum', () => {
    const policy = aPolicy({ port: 22 })
    for (const other of [{ port: 23 }, { max: 'PT2H' }, { from: '10.0.0.0/8' }, { protocol: 'TCP' as const }])
      expect(isSamePolicy(policy, aPolicy({ port: 22, ...other }))).toBe(false)
  })
})
