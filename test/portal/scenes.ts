/** Every page of the portal, those whose address says more, and every dialog and drawer, in whatever language. */
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Locator, Page } from 'playwright-core'
import { PORTAL_PATHS } from '../../src/contract/portal-paths.ts'
import { machineId } from './stage.ts'

export type Language = 'en' | 'nl' | 'zh-TW'

/** The words of one file of messages, as the page shows them. */
// Whatever the file has; a word that is not there fails where it is looked for.
// oxlint-disable-next-line typescript/no-explicit-any
type Words = Readonly<Record<string, any>>

export interface Scene {
  readonly name: string
  readonly path: string
  /** What is done before the picture: opens what lies over the page. */
  readonly open?: (page: Page, words: (file: string) => Promise<Words>) => Promise<unknown>
}

const of = (name: string, values: Record<string, string>): string => `${name}?${new URLSearchParams(values).toString()}`

const PAGES: readonly Scene[] = [
  ...PORTAL_PATHS.filter((path) => path !== '/machine' && path !== '/policy').map((path) => ({
    name: path === '/' ? 'overview' : path.slice(1),
    path,
  })),
  { name: 'machines-not-configured', path: '/machines?tab=notConfigured' },
  { name: 'machines-unsupported', path: '/machines?tab=unsupported' },
  { name: 'machine', path: of('/machine', { id: machineId('web1') }) },
  { name: 'machine-open-to-all', path: of('/machine', { id: machineId('legacy-ftp') }) },
  { name: 'policy', path: of('/policy', { machine: machineId('web1') }) },
  { name: 'policy-new', path: of('/policy', { machine: machineId('win-ad-01', 'office') }) },
  {
    name: 'labels-new',
    path: of('/labels', { policy: '' }),
    open: async (page) => {
      const [name, labels] = [page.getByRole('textbox').nth(0), page.getByRole('textbox').nth(1)]
      await name.fill('racks')
      await labels.fill('env=prod')
      await page.getByText('rack1').waitFor()
    },
  },
  ...['check', 'roles', 'users', 'groups', 'programs'].map((tab) => ({
    name: `access-control-${tab}`,
    path: `/access-control?tab=${tab}`,
  })),
  ...['hosts', 'installation', 'issuers', 'audit', 'plans', 'sessions'].map((tab) => ({
    name: `settings-${tab}`,
    path: `/settings?tab=${tab}`,
  })),
  { name: 'request-filled', path: of('/request', { machine: machineId('web1') }) },
]

const DIRECTORY = 'pages/access-control/directory.messages.ts'
const ACCESS = 'pages/access-control/access-control.messages.ts'
const SETTINGS = 'pages/settings/settings.messages.ts'
const HOSTS = 'pages/settings/hosts.messages.ts'

const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true }).first()

/** The nth thing of the menu of the row that is called so. */
async function fromMenu(page: Page, name: string, nth: number): Promise<void> {
  await button(page, name).click()
  await page.getByRole('menuitem').nth(nth).click()
}

export const OVERLAYS: readonly Scene[] = [
  { name: 'over-account', path: '/', open: (page) => page.locator('header [aria-haspopup="menu"]').click() },
  {
    name: 'over-event',
    path: '/activity',
    open: async (page) => page.getByRole('table').getByRole('button').first().click(),
  },
  {
    name: 'over-request-refused',
    path: of('/request', { machine: machineId('web1') }),
    open: async (page) => page.getByRole('spinbutton').fill('600'),
  },
  {
    name: 'over-policy-plan',
    path: of('/policy', { machine: machineId('win-ad-01', 'office') }),
    open: async (page, words) => {
      await button(page, (await words('pages/policy/policy.messages.ts'))['plan']).click()
      await page.getByRole('heading', { level: 2 }).first().waitFor()
    },
  },
  {
    name: 'over-policy-unprotect',
    path: of('/policy', { machine: machineId('web1'), unprotect: '' }),
    open: (page) => page.getByRole('dialog').waitFor(),
  },
  {
    name: 'over-machine-menu',
    path: '/machines',
    open: (page) => page.getByRole('table').locator('[aria-haspopup="menu"]').first().click(),
  },
  {
    name: 'over-role-new',
    path: '/access-control?tab=roles',
    open: async (page, words) => button(page, (await words(ACCESS))['newRole']).click(),
  },
  {
    name: 'over-group-new',
    path: '/access-control?tab=groups',
    open: async (page, words) => button(page, (await words(DIRECTORY))['newGroup']).click(),
  },
  {
    name: 'over-group-member',
    path: '/access-control?tab=groups',
    open: async (page, words) => fromMenu(page, (await words(DIRECTORY))['actionsOf']('Night shift'), 0),
  },
  {
    name: 'over-group-remove',
    path: '/access-control?tab=groups',
    open: async (page, words) => fromMenu(page, (await words(DIRECTORY))['actionsOf']('Night shift'), 1),
  },
  {
    name: 'over-program-new',
    path: '/access-control?tab=programs',
    open: async (page, words) => button(page, (await words(DIRECTORY))['newProgram']).click(),
  },
  {
    name: 'over-program-credential',
    path: '/access-control?tab=programs',
    open: async (page, words) => fromMenu(page, (await words(DIRECTORY))['actionsOf']('nightly-backup'), 0),
  },
  {
    name: 'over-connection-edit',
    path: '/settings',
    open: async (page, words) => fromMenu(page, (await words(SETTINGS))['actionsOf']('production'), 0),
  },
  {
    name: 'over-connection-check',
    path: '/settings',
    open: async (page, words) => {
      const text = await words(SETTINGS)
      await button(page, text['actionsOf']('production')).click()
      await page.getByRole('menuitem', { name: text['check'] }).click()
      await page.getByText('sts:GetCallerIdentity').waitFor()
    },
  },
  {
    name: 'over-host-enroll',
    path: '/settings?tab=hosts',
    open: async (page, words) => button(page, (await words(HOSTS))['enroll']).click(),
  },
  {
    name: 'over-host-labels',
    path: '/settings?tab=hosts',
    open: async (page, words) => {
      const text = await words(HOSTS)
      await button(page, text['actionsOf']('rack7')).click()
      await page.getByRole('menuitem', { name: text['deeds'].labels }).click()
    },
  },
]

export const SCENES: readonly Scene[] = [...PAGES, ...OVERLAYS]

interface Showing {
  readonly url: string
  readonly language: Language
  /** For what fades in; a reader of its words need not wait. */
  readonly fading?: number
}

export async function show(page: Page, { path, open }: Scene, { url, language, fading = 300 }: Showing): Promise<void> {
  await page.goto(url + path)
  // Behind a dialog that opens by itself it is there for nobody but the eye.
  await page.getByRole('heading', { level: 1, includeHidden: true }).waitFor()
  await page.getByRole('progressbar').first().waitFor({ state: 'detached' })
  await open?.(page, (file) => wordsOf(file, language))
  await page.waitForTimeout(fading)
}

const tables = new Map<string, Promise<Record<Language, Words>>>()

async function wordsOf(file: string, language: Language): Promise<Words> {
  const table = tables.get(file) ?? tableIn(file)
  tables.set(file, table)
  return (await table)[language]
}

async function tableIn(file: string): Promise<Record<Language, Words>> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../../src/portal', file)],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    // React asks whether it is in development; nothing of it runs here.
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const source = Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')
  const module: Record<string, unknown> = await import(`data:text/javascript;base64,${source}`)
  const table = Object.values(module).find((value) => typeof value === 'object' && value !== null && 'en' in value)
  return table as Record<Language, Words> // a file of messages has such a table
}
