/** Every text of the portal is there in three languages, and none stands in a component. */
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hardCodedIn } from './hard-coded.ts'

const portal = join(import.meta.dirname, '../../src/portal')
const LANGUAGES = ['en', 'nl', 'zh-TW']

/** The same in every language. */
const NAMES = ['AWS', 'Azure', 'Azure Government', 'Syslog', 'TCP', 'UDP', 'Webhook', '10.0.0.0/8, 2001:db8::/32']

/** What Dutch writes as English does. */
const DUTCH = ['Azure China (21Vianet)', 'Browser', 'Cloud', 'Clouds', 'Details', 'Filters', 'Later', 'Machine']
const DUTCH_TOO = ['Browsers', 'Machines', 'Open', 'Protocol', 'Tenant', 'Week']
const DUTCH_OF_EVENTS = ['Code', 'Filter', 'Id', 'Intact', 'Plan']
const DUTCH_OF_HOSTS = [
  'Agent 7',
  'Gateway',
  'Kernel',
  'tenant 7',
  'tenant {name}',
  'Host',
  'Hosts',
  'Labels',
  '7 (gateway)',
]

async function filesLike(pattern: string): Promise<string[]> {
  const found: string[] = []
  for await (const file of glob(pattern, { cwd: portal })) found.push(file)
  return found.toSorted()
}

const components = await filesLike('**/*.tsx')
const messages = await filesLike('**/*.messages.ts')

/** Every text by its path; what speaks about something is asked to speak about the same in each language. */
function textsIn(words: unknown, path = ''): [string, string][] {
  if (typeof words === 'string') return [[path, words]]
  if (typeof words === 'function') return textsIn(spoken(words as (...about: unknown[]) => unknown), `${path}()`) // just looked at
  if (typeof words !== 'object' || words === null) return []
  return Object.entries(words).flatMap(([name, value]) => textsIn(value, `${path}.${name}`))
}

function spoken(speak: (...about: unknown[]) => unknown): unknown {
  return speak(...Array.from({ length: speak.length }, (_, index) => String(7 + index)))
}

async function tablesOf(file: string): Promise<[string, Record<string, unknown>][]> {
  const module: Record<string, Record<string, unknown>> = await import(join(portal, file))
  return Object.entries(module).filter(([, table]) => typeof table === 'object' && 'en' in table)
}

describe('the words of the portal', () => {
  it('are found', () => {
    expect(components.length).toBeGreaterThan(20)
    expect(messages.length).toBeGreaterThan(8)
  })

  it.each(components)('do not stand in %s itself', async (file) => {
    expect(hardCodedIn(await readFile(join(portal, file), 'utf8'))).toEqual([])
  })

  it.each(messages)('are in %s in exactly three languages, each in its own', async (file) => {
    const tables = await tablesOf(file)
    expect(tables.length).toBeGreaterThan(0)
    for (const [, table] of tables) {
      expect(Object.keys(table)).toEqual(LANGUAGES)
      const { en, nl, 'zh-TW': chinese } = table
      expect(copiedFrom(en, nl, [...NAMES, ...DUTCH, ...DUTCH_TOO, ...DUTCH_OF_HOSTS, ...DUTCH_OF_EVENTS])).toEqual([])
      expect(copiedFrom(en, chinese, NAMES)).toEqual([])
      expect(textsIn(chinese).filter(([, text]) => HALF_WIDTH.test(text) || WIDE_BRACKET.test(text))).toEqual([])
    }
  })
})

describe('a number in a text', () => {
  it.each(messages)('of %s is written as each language writes numbers', async (file) => {
    for (const [, table] of await tablesOf(file)) {
      const counting = countsIn(await readFile(join(portal, file), 'utf8'))
      for (const words of Object.values(table))
        for (const [name, at] of counting) {
          const speak = (words as Record<string, unknown>)[name]
          if (typeof speak !== 'function') continue
          const about = Array.from({ length: speak.length }, (_, index) => (at === index ? 12_345 : undefined))
          expect(String(speak(...about))).not.toContain('12345')
        }
    }
  })
})

/** The words that speak about a number, and in which place they are told it. */
function countsIn(source: string): [string, number][] {
  return [...source.matchAll(/readonly (\w+): \(([^)]*)\) => string/g)].flatMap(([, name = '', about = '']) => {
    const at = about.split(',').findIndex((one) => one.trim().endsWith(': number'))
    return at < 0 ? [] : [[name, at] as [string, number]]
  })
}

/** Addresses speak for themselves; everything else that is the same as in English must be listed. */
function copiedFrom(english: unknown, other: unknown, same: readonly string[]): [string, string][] {
  const first = new Map(textsIn(english))
  return textsIn(other).filter(
    ([path, text]) =>
      text === first.get(path) && /\p{L}{2}/u.test(text) && !same.includes(text) && !/^[\d.:/a-f, db]+$/.test(text),
  )
}

/** In Chinese text a comma is as wide as a character. */
const HALF_WIDTH = /\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}/u

/** Brackets are narrow with a space outside, as in Microsoft's products in Taiwan. */
const WIDE_BRACKET = /[（）]|\p{Script=Han}\(|\)\p{Script=Han}/u

describe('a word that', () => {
  it('was copied from English is found', () => {
    expect(copiedFrom({ close: 'Close' }, { close: 'Close' }, NAMES)).toEqual([['.close', 'Close']])
  })

  it('speaks about something is compared as it is spoken', () => {
    expect(
      copiedFrom(
        (name: string) => `Close ${name}`,
        (name: string) => `Close ${name}`,
        NAMES,
      ),
    ).toHaveLength(1)
  })
})

describe('a component that', () => {
  it.each([
    ['says something', '<p>Close now</p>'],
    ['says something in braces', "<p>{'Close now'}</p>"],
    ['says one of two things', "<p>{isOpen ? 'Open' : text.closed}</p>"],
    ['puts words around a value', '<p>{`${count} machines`}</p>'],
    ['names a button', '<Button aria-label="Close" />'],
    ['names a field', "<Field label={'Port'} />"],
    ['says what is wrong', '<Field validationMessage={isWrong ? `Not a port` : undefined} />'],
  ])('%s is found', (_, source) => {
    expect(hardCodedIn(source)).not.toEqual([])
  })

  it.each([
    ['takes its words from the messages', '<p title={text.close}>{text.close}</p>'],
    ['shows what is no word', "<p>{'–'} 7 {`${a}: ${b}`}</p>"],
    ['gives an attribute that nobody reads', '<Button appearance="primary" />'],
    ['compares', "<p>{kind === 'azure' ? text.azure : text.aws}</p>"],
    ['says the name of the product', '<h1>Sallyport</h1>'],
  ])('%s is not', (_, source) => {
    expect(hardCodedIn(source)).toEqual([])
  })
})
