/** No page, dialog or drawer says a sentence of the server in English to a reader of another language. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { furnish, furnishDirectory } from './furnish.ts'
import { isEnglish, textsOn } from './read-text.ts'
import { SCENES, show, type Language } from './scenes.ts'
import { startStage, type Stage } from './stage.ts'

const PATIENCE = 240_000

/** In whatever language they were written: by people, by browsers, by clouds and other programs. */
const OTHERS_WORDS = [
  'Looks after groups, programs, roles and clouds',
  'Could not resolve credentials using profile: [production] in configuration/credentials file(s).',
]

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
  await furnish(stage)
}, PATIENCE)
afterAll(() => stage.stop())

async function englishIn(page: Page, language: Language): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const scene of SCENES) {
    const problem = await show(page, scene, { url: stage.server.url, language, fading: 0 }).catch(String)
    const texts = (await textsOn(page)).filter(isEnglish)
    const ours = texts.filter((text) => !OTHERS_WORDS.includes(text))
    if (problem !== undefined) found[scene.name] = [problem, await page.innerText('main')]
    else if (ours.length > 0) found[scene.name] = ours
  }
  return found
}

describe('a reader of another language', () => {
  it(
    'meets no English sentence, on any page or on what opens over one',
    async () => {
      const { context } = await stage.signIn('ada@example.org')
      await furnishDirectory(stage, 'ada@example.org')
      const storageState = await context.storageState()
      const found = await Promise.all(
        (['nl', 'zh-TW'] as const).map(async (language) => {
          const own = await stage.browser.newContext({ ignoreHTTPSErrors: true, locale: language, storageState })
          const page = await own.newPage()
          page.setDefaultTimeout(10_000)
          return englishIn(page, language)
        }),
      )
      expect(found).toEqual([{}, {}])
    },
    PATIENCE,
  )
})

it('and what is English is found where it is seen or read out, and told from what is not', async () => {
  const page = await stage.browser.newPage()
  await page.setContent(`<p>Poort 22 <span title="not for the eye alone">staat open</span></p>
    <button aria-label="close it for all of them">×</button><p hidden>and this is for nobody</p>
    <p>Nobody hears from its agent</p>`)
  expect((await textsOn(page)).filter(isEnglish)).toEqual([
    'not for the eye alone',
    'close it for all of them',
    'Nobody hears from its agent',
  ])
  await page.close()
  expect(isEnglish('Nobody hears from its agent')).toBe(true)
  expect(isEnglish('De agent van deze host is niet verbonden met deze server.')).toBe(false)
  expect(isEnglish('自 11月22日 起無法連線到主機 web1')).toBe(false)
})
