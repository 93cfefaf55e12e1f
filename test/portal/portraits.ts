/**
 * Takes a picture of every page of the portal and of everything that opens over one, in every language and both themes, and
 * in English also 320 and 1920 pixels wide, and says what axe finds on each. For people to look at.
 *
 *   npm run portraits                          all, into `.portraits`
 *   npm run portraits -- overview              those whose name begins so
 *   npm run portraits -- --to FOLDER           into another folder
 *   npm run portraits -- --docs                the few of the documentation, small, into docs/pictures
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { violationsOn } from './axe.ts'
import { furnish, furnishDirectory } from './furnish.ts'
import { tellOfPastDay } from './past-day.ts'
import { SCENES, show, type Language, type Scene } from './scenes.ts'
import { machineId, startStage } from './stage.ts'

const root = join(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { docs: { type: 'boolean', default: false }, to: { type: 'string' } },
})
const isForDocs = values.docs
const folder = values.to ?? join(root, '.portraits')
const WIDE = { width: 1_280, height: 900 }
const NARROW = { width: 320, height: 800 }
const BROAD = { width: 1_920, height: 1_080 }
const IN_DOCS = ['overview', 'request-filled', 'my-access', 'over-policy-plan']

interface Look {
  readonly language: Language
  readonly theme: 'light' | 'dark'
  readonly size: typeof WIDE
}

const LOOKS: readonly Look[] = isForDocs
  ? [{ language: 'en', theme: 'light', size: WIDE }]
  : [
      ...(['en', 'nl', 'zh-TW'] as const).flatMap((language) =>
        (['light', 'dark'] as const).map((theme) => ({ language, theme, size: WIDE })),
      ),
      { language: 'en', theme: 'light', size: NARROW },
      { language: 'en', theme: 'light', size: BROAD },
    ]

const wanted = SCENES.filter(({ name }) =>
  isForDocs ? IN_DOCS.includes(name) : positionals.length === 0 || positionals.some((each) => name.startsWith(each)),
)

async function portrait(page: Page, scene: Scene, { language, theme, size }: Look): Promise<void> {
  if (isForDocs)
    return smallPicture(page, join(root, 'docs/pictures', `portal-${scene.name.replace('over-', '')}.webp`))
  const width = size === WIDE ? '' : size === NARROW ? '.narrow' : '.broad'
  const path = join(folder, `${scene.name}.${language}.${theme}${width}.png`)
  // What lies over the page lies over what is seen of it.
  await page.screenshot({ path, fullPage: !scene.name.startsWith('over-') })
}

/** So that there is something among one's own. */
async function openOne(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/request?${new URLSearchParams({ machine: machineId('db1') }).toString()}`)
  await page.getByRole('textbox', { name: 'Justification' }).fill('INC-4712: slow queries')
  await page.getByRole('button', { name: 'Open 1 port' }).click()
  await page.getByText('Open. Connect now:').waitFor()
}

/** Chromium writes WebP from a canvas alone; on a page of its own, for the portal's policy allows no such thing. */
async function smallPicture(page: Page, file: string): Promise<void> {
  const taken = (await page.screenshot()).toString('base64')
  const drawer = await page.context().newPage()
  const drawn = await drawer.evaluate<string>(`(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${taken}'
    await image.decode()
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: image.width, height: image.height })
    canvas.getContext('2d').drawImage(image, 0, 0)
    return canvas.toDataURL('image/webp', 0.8)
  })()`)
  await writeFile(file, Buffer.from(drawn.slice(drawn.indexOf(',') + 1), 'base64'))
  await drawer.close()
}

const stage = await startStage()
let found = 0
try {
  if (!isForDocs && positionals.length === 0) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await furnish(stage)
  const { page } = await stage.signIn('ada@example.org', { locale: 'en', viewport: WIDE })
  page.setDefaultTimeout(5_000)
  page.setDefaultNavigationTimeout(30_000)
  await furnishDirectory(stage, 'ada@example.org')
  await openOne(page, stage.server.url)
  await tellOfPastDay(page)
  for (const look of LOOKS) {
    const { language, theme, size } = look
    await page.setViewportSize(size)
    await page.evaluate(
      `localStorage.setItem('sallyport.language', '${language}'); localStorage.setItem('sallyport.theme', '${theme}')`,
    )
    for (const scene of wanted) {
      const violations: string[] = []
      await show(page, scene, { url: stage.server.url, language }).catch((cause: unknown) => {
        violations.push(`could not be shown: ${String(cause).slice(0, 200)}`)
      })
      await portrait(page, scene, look)
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      violations.push(...(await violationsOn(page)))
      if (overflow > 0) violations.push(`${overflow} pixels too wide`)
      found += violations.length
      for (const violation of violations) console.log(`${scene.name} ${language} ${theme} ${size.width}: ${violation}`)
    }
  }
} finally {
  await stage.stop()
}
console.log(`${found} findings; the pictures are in ${isForDocs ? 'docs/pictures' : folder}`)
process.exitCode = found > 0 ? 1 : 0
