/**
 * Takes a picture of every page of the portal, in every language and both themes, wide and narrow, into `.portraits`, and says
 * what axe finds on each. For people to look at: `npm run portraits`.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { PORTAL_PATHS } from '../../src/contract/portal-paths.ts'
import { violationsOn } from './axe.ts'
import { furnish, furnishDirectory } from './furnish.ts'
import { machineId, startStage } from './stage.ts'

const folder = join(import.meta.dirname, '../../.portraits')
const LANGUAGES = ['en', 'nl', 'zh-TW'] as const
const THEMES = ['light', 'dark'] as const
const only = process.argv[2]

/** Every page, and those whose address says more. */
const SCENES: readonly (readonly [string, string])[] = [
  ...PORTAL_PATHS.filter((path) => path !== '/machine' && path !== '/policy').map(
    (path) => [path === '/' ? 'overview' : path.slice(1), path] as const,
  ),
  ['machines-not-configured', '/machines?tab=notConfigured'],
  ['machines-unsupported', '/machines?tab=unsupported'],
  ['machine', `/machine?${new URLSearchParams({ id: machineId('web1') }).toString()}`],
  ['machine-open-to-all', `/machine?${new URLSearchParams({ id: machineId('legacy-ftp') }).toString()}`],
  ['policy', `/policy?${new URLSearchParams({ machine: machineId('web1') }).toString()}`],
  ['policy-new', `/policy?${new URLSearchParams({ machine: machineId('win-ad-01', 'office') }).toString()}`],
  ...['check', 'roles', 'users', 'groups', 'programs'].map(
    (tab) => [`access-control-${tab}`, `/access-control?tab=${tab}`] as const,
  ),
  ...['hosts', 'installation', 'issuers', 'audit', 'plans', 'sessions'].map(
    (tab) => [`settings-${tab}`, `/settings?tab=${tab}`] as const,
  ),
  ['request-filled', `/request?${new URLSearchParams({ machine: machineId('web1') }).toString()}`],
]

async function portrait(page: Page, url: string, file: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle').catch(() => {})
  await page.waitForTimeout(300) // for what fades in
  await page.screenshot({ path: file, fullPage: true })
}

const stage = await startStage()
let found = 0
let isDirectoryFurnished = false
try {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await furnish(stage)
  for (const language of LANGUAGES) {
    for (const theme of THEMES) {
      const { context, page } = await stage.signIn('ada@example.org', {
        locale: 'en',
        viewport: { width: 1_280, height: 900 },
      })
      if (!isDirectoryFurnished) await furnishDirectory(stage, 'ada@example.org')
      isDirectoryFurnished = true
      await page.evaluate(
        ([language, theme]) => {
          localStorage.setItem('sallyport.language', language)
          localStorage.setItem('sallyport.theme', theme)
        },
        [language, theme] as const,
      )
      for (const [name, path] of SCENES) {
        if (only !== undefined && !name.startsWith(only)) continue
        await portrait(page, stage.server.url + path, join(folder, `${name}.${language}.${theme}.png`))
        for (const violation of await violationsOn(page)) {
          found++
          console.log(`${name} ${language} ${theme}: ${violation}`)
        }
      }
      await context.close()
    }
  }
} finally {
  await stage.stop()
}
console.log(`${found} findings by axe; the pictures are in ${folder}`)
process.exitCode = found > 0 ? 1 : 0
