import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isResourceName, parseResourceId, partsOf, resourceKey, resourceName, sameResource } from './resource-id.ts'
import { aMachineId, SUBSCRIPTION, valueOf } from '../../test/support/builders.ts'

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/default`
const COMPUTE = `${GROUP}/providers/Microsoft.Compute/virtualMachines`

describe('a resource id', () => {
  it('is taken apart into subscription, resource group, type and name', () => {
    expect(partsOf(aMachineId('web1'))).toEqual({
      subscriptionId: SUBSCRIPTION,
      resourceGroup: 'default',
      type: 'Microsoft.Compute/virtualMachines',
      name: 'web1',
    })
  })

  it('of a child has every type, and the name of the child', () => {
    const id = `${GROUP}/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/web`
    const parts = partsOf(valueOf(parseResourceId(id)))
    expect(parts.type).toBe('Microsoft.Security/locations/jitNetworkAccessPolicies')
    expect(parts.name).toBe('web')
    expect(resourceName(valueOf(parseResourceId(id)))).toBe('web')
  })

  it('is taken apart alike each time, however many others were read in between', () => {
    const first = partsOf(aMachineId('web1'))
    for (let n = 0; n < 3_000; n++) expect(partsOf(aMachineId(`web-${n}`)).name).toBe(`web-${n}`)
    expect(partsOf(aMachineId('web1'))).toEqual(first)
    expect(parseResourceId(`${COMPUTE}/web 1`).ok).toBe(false)
    expect(parseResourceId(`${COMPUTE}/web 1`).ok).toBe(false)
  })

  it('is compared without case and echoed as written', () => {
    const shouted = COMPUTE.toUpperCase() + '/WEB1'
    const parsed = valueOf(parseResourceId(shouted))
    expect(parsed).toBe(shouted)
    expect(sameResource(parsed, aMachineId('web1'))).toBe(true)
    expect(resourceKey(parsed)).toBe(resourceKey(aMachineId('web1')))
    expect(sameResource(aMachineId('web1'), aMachineId('web2'))).toBe(false)
  })

  it('equals no other that differs in more than the case of its letters', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'A', 'k', 'K', '\u212a', 'ſ', 's', 'é', '機'),
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [left, right] = [parseResourceId(`${COMPUTE}/${a}`), parseResourceId(`${COMPUTE}/${b}`)]
        fc.pre(left.ok && right.ok)
        const plain = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
        expect(sameResource(valueOf(left), valueOf(right))).toBe(plain(a) === plain(b))
      }),
    )
  })

  it.each(['機械一号', 'машина', 'naïve', 'web-1.example.org', 'a', 'x'.repeat(64), "o'brien", 'a|b', '🦊'])(
    'may have the name %s',
    (name) => {
      expect(resourceName(aMachineId(name))).toBe(name)
    },
  )

  it('may have a resource group of any script', () => {
    expect(partsOf(aMachineId('web1', { resourceGroup: '生産(東京)_1.x' })).resourceGroup).toBe('生産(東京)_1.x')
  })

  it.each([
    ['nothing', ''],
    ['a bare name', 'web1'],
    ['no leading slash', COMPUTE.slice(1) + '/web1'],
    ['a trailing slash', `${COMPUTE}/web1/`],
    ['a space before it', ` ${COMPUTE}/web1`],
    ['a line after it', `${COMPUTE}/web1\n`],
    ['a host before it', `https://management.azure.com${COMPUTE}/web1`],
    ['two slashes', `${COMPUTE}//web1`],
    ['the subscription twice', `/subscriptions${COMPUTE}/web1`],
    ['no GUID', `/subscriptions/prod/resourceGroups/default/providers/A.B/c/web1`],
    ['a GUID in braces', COMPUTE.replace(SUBSCRIPTION, `{${SUBSCRIPTION}}`) + '/web1'],
    ['another first word', COMPUTE.replace('subscriptions', 'subscription') + '/web1'],
    ['a long s in the first word', COMPUTE.replace('subscriptions', 'ſubscriptions') + '/web1'],
    ['no type', GROUP],
    ['no name', COMPUTE],
    ['an empty name', `${COMPUTE}/`],
    ['a type without a name', `${COMPUTE}/web1/extensions`],
    ['a type of digits', `${GROUP}/providers/Microsoft.Compute/1/web1`],
    ['an empty namespace', `${GROUP}/providers//virtualMachines/web1`],
    ['a namespace of dots', `${GROUP}/providers/../virtualMachines/web1`],
    ['a resource group that ends in a dot', COMPUTE.replace('/default/', '/default./') + '/web1'],
    ['a resource group of two dots', COMPUTE.replace('/default/', '/../') + '/web1'],
    ['a resource group of 91 characters', COMPUTE.replace('/default/', `/${'g'.repeat(91)}/`) + '/web1'],
    ['a Kelvin sign in the resource group', COMPUTE.replace('/default/', '/\u212a/') + '/web1'],
    ['the name .', `${COMPUTE}/.`],
    ['the name ..', `${COMPUTE}/..`],
    ['a query', `${COMPUTE}/web1?x=1`],
    ['a fragment', `${COMPUTE}/web1#x`],
    ['an escaped slash', `${COMPUTE}/web1%2f..`],
    ['a backslash', `${COMPUTE}/..\\web1`],
    ['a space', `${COMPUTE}/web 1`],
    ['a no-break space', `${COMPUTE}/web\u00a01`],
    ['U+0000', `${COMPUTE}/web\u0000`],
    ['an escape sequence', `${COMPUTE}/\u001b[2Jweb1`],
    ['a text direction mark', `${COMPUTE}/\u202e1bew`],
    ['a zero-width space', `${COMPUTE}/web\u200b1`],
    ['half a surrogate pair', `${COMPUTE}/web\ud800`],
    ['a Kelvin sign, whose lower case is k', `${COMPUTE}/\u212a8s`],
    ['a decomposed letter', `${COMPUTE}/nai\u0308ve`],
    ['markup', `${COMPUTE}/<b>`],
    ['more than 512 characters', `${COMPUTE}/${'a'.repeat(250)}/extensions/${'b'.repeat(250)}`],
  ])('with %s is refused', (_, text) => {
    expect(parseResourceId(text)).toMatchObject({ ok: false, refusals: [{ code: 'InvalidResourceId' }] })
  })

  it('with 512 characters is the longest', () => {
    const longest = `${COMPUTE}/${'a'.repeat(250)}/extensions/`
    const name = 'b'.repeat(512 - longest.length)
    expect(parseResourceId(longest + name).ok).toBe(true)
    expect(parseResourceId(`${longest}${name}b`).ok).toBe(false)
  })

  it.each([
    '/'.repeat(1_000_000),
    `${COMPUTE}/web1${'/x/y'.repeat(250_000)}`,
    `${COMPUTE}/${'a'.repeat(1_000_000)}`,
    `/subscriptions/${'0'.repeat(1_000_000)}`,
  ])('of a million characters is refused at once, in a short sentence (%#)', (text) => {
    const started = performance.now()
    const parsed = parseResourceId(text)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed).length).toBeLessThan(600)
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('never has a name that a URL, a path or a key made of it could be broken with', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (name) => {
        fc.pre(isResourceName(name))
        expect(name).not.toMatch(/[/\\?#%\s\p{Cc}\p{Cf}\p{Cs}]/u)
        expect(new URL(`http://host/a/${name}`).pathname.split('/').map(decodeURIComponent)).toEqual(['', 'a', name])
      }),
      { numRuns: 1_000 },
    )
  })
})
