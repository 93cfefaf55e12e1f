import { describe, expect, test } from 'vitest'
import { checkedContextName, contextNameOf, NO_CONTEXTS, withContext, withoutContext, type Context } from './context.ts'

const context = (name: string): Context => ({ name, server: `https://${name}`, keep: 'file' })

describe('a context', () => {
  test('is called like its server, unless it gets another name', () => {
    expect(contextNameOf('https://jit.example.org:8443/below')).toBe('jit.example.org-8443')
    expect(contextNameOf('http://[::1]:8470')).toBe('1-8470')
  })

  test('has a name that every system takes for a file', () => {
    for (const name of ['test', 'jit.example.org-8443', 'A_1']) expect(checkedContextName(name)).toBe(name)
    for (const name of ['', '../up', 'a/b', '.hidden', 'with space', 'ä', 'x'.repeat(65)])
      expect(() => checkedContextName(name)).toThrow('no name for a context')
  })

  test('is in use when it was signed in to last, and nobody is when it is gone', () => {
    const two = withContext(withContext(NO_CONTEXTS, context('b')), context('a'))
    expect([two.current, two.contexts.map(({ name }) => name)]).toEqual(['a', ['a', 'b']])
    expect(withoutContext(two, 'a')).toEqual({ current: undefined, contexts: [context('b')] })
    expect(withoutContext(two, 'b').current).toBe('a')
  })
})
