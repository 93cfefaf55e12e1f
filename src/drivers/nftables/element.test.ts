import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { prefix, type IpPrefix, type Source } from '../../domain/net.ts'
import {
  elementId,
  elementIdsFor,
  isElementOf,
  keyOf,
  parseElementId,
  parseSetName,
  setName,
  setOf,
  sourceOf,
  type ElementId,
  type ElementKind,
} from './element.ts'

const anyPrefix = fc.oneof(
  fc.tuple(fc.bigInt(0n, (1n << 32n) - 1n), fc.nat(32)).map(([bits, length]): IpPrefix => prefix(4, bits, length)),
  fc.tuple(fc.bigInt(0n, (1n << 128n) - 1n), fc.nat(128)).map(([bits, length]): IpPrefix => prefix(6, bits, length)),
)

it('an element says exactly which source, protocol and port it was made from', () => {
  fc.assert(
    fc.property(anyPrefix, fc.nat(65_535), (source, port) => {
      const elements = elementIdsFor('grant', source, '*', port).map(parseElementId)
      expect(elements.map((element) => element?.protocol)).toEqual([6, 17, 132])
      for (const element of elements) {
        expect(element?.port).toBe(port)
        expect(element === undefined ? undefined : sourceOf(element)).toEqual(source)
      }
    }),
  )
})

it('two different sources, protocols or ports never share an element', () => {
  fc.assert(
    fc.property(anyPrefix, anyPrefix, fc.nat(65_535), fc.nat(65_535), (a, b, portA, portB) => {
      const [idA] = elementIdsFor('grant', a, 'TCP', portA)
      const [idB] = elementIdsFor('grant', b, 'TCP', portB)
      const isSame = a.family === b.family && a.length === b.length && a.bits === b.bits && portA === portB
      expect(idA === idB).toBe(isSame)
    }),
  )
})

it('anywhere is both families, without an address in the key', () => {
  const anywhere: Source = '*'
  const ids = elementIdsFor('grant', anywhere, 'TCP', 22)
  expect(ids).toEqual(['g4_0:0600000000160000', 'g6_0:0600000000160000'])
})

it('lays a key out as the kernel does: each field in four bytes, numbers in network order', () => {
  const [id] = elementIdsFor('keep', { family: 4, bits: 0x0a00_0100n, length: 24 }, 'UDP', 53)
  expect(id === undefined ? undefined : [setOf(id), keyOf(id).toString('hex')]).toEqual([
    'keep4_24',
    '0a0001001100000000350000',
  ])
})

it('knows the names of its sets, and no other', () => {
  for (const name of ['g4_0', 'g4_32', 'g6_128', 'keep6_64']) {
    const set = parseSetName(name)
    expect(set === undefined ? undefined : setName(set)).toBe(name)
  }
  for (const name of ['g4_33', 'g6_129', 'g5_8', 'g4_08', 'managed', 'xg4_8', 'g4_8 '])
    expect(parseSetName(name)).toBeUndefined()
})

const anyKind = fc.constantFrom<ElementKind>('grant', 'keep', 'through', 'publish', 'keepThrough')

it('what stands in a set is known for ours by its form exactly where it can be read', () => {
  fc.assert(
    fc.property(anyKind, anyPrefix, fc.nat(65_535), fc.nat(80), (kind, { family, length, bits }, port, at) => {
      const set = { kind, family, length }
      const behind = kind === 'grant' || kind === 'keep' ? {} : { to: bits }
      const target = kind === 'publish' ? { target: { bits, port } } : {}
      const id = elementId({ set, bits: length === 0 ? 0n : bits, protocol: 17, port, ...behind, ...target })
      const changed = [id, `${id.slice(0, at)}${id.slice(at + 1)}`, `${id.slice(0, at)}0${id.slice(at)}`]
      for (const text of changed as ElementId[]) {
        if (setOf(text) !== setName(set)) continue
        expect(isElementOf(set)(text)).toBe(parseElementId(text) !== undefined)
      }
      expect(isElementOf(set)(id)).toBe(true)
    }),
  )
})
