/** What every page shows while it has nothing to show: loading, empty, refused, failed, offline; each really brought about. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { violationsOn } from './axe.ts'
import { machineId, startStage, type Stage } from './stage.ts'

const NAME = 'ada@example.org'

let stage: Stage
let page: Page
let isStopped = false

beforeAll(async () => {
  stage = await startStage([])
  ;({ page } = await stage.signIn(NAME))
  page.setDefaultTimeout(10_000)
}, 120_000)
afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
afterAll(() => (isStopped ? stage.browser.close() : stage.stop()))

const ofMachine = (path: string, name: string): string =>
  `${path}?${new URLSearchParams({ [name]: machineId('web1') }).toString()}`

/** A page, and what it says where there is nothing. */
const EMPTY: readonly (readonly [string, string | RegExp])[] = [
  ['/', 'Nobody had a door open in this time'],
  ['/machines', /No machine/],
  [ofMachine('/machine', 'id'), /does not exist|not.*found|no such/i],
  [ofMachine('/policy', 'machine'), 'This machine does not exist, or you may not see it'],
  ['/labels', 'Name of the new policy'],
  ['/request', 'No machine of yours is protected yet'],
  ['/my-access', 'You have nothing open'],
  ['/activity?actor=nobody-at-all', /Nothing|No event/],
  ['/access-control?tab=groups', 'You do not have permission for this'],
  ['/settings', /No |Nothing/],
]
const PAGES = EMPTY.map(([path]) => path)

async function goTo(path: string): Promise<void> {
  await page.goto(stage.server.url + path)
}

async function says(text: string | RegExp): Promise<void> {
  await page.getByRole('main').getByText(text).first().waitFor()
}

async function mainMenu(name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click()
}

describe('a page', () => {
  it.each(PAGES)('%s shows that it is loading until the server has answered', async (path) => {
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    await page.route(isData, async (route) => {
      await asked
      await route.continue()
    })
    await goTo(path)
    await page.getByRole('progressbar', { name: 'Loading…' }).first().waitFor()
    answer()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.unroute(isData)
    await expect.poll(() => page.getByRole('progressbar', { name: 'Loading…' }).count()).toBe(0)
  })

  it.each(EMPTY)('%s says that there is nothing, where there is nothing', async (path, text) => {
    await goTo(path)
    await says(text)
    expect(await violationsOn(page)).toEqual([])
  })

  it.each(PAGES)('%s says that it failed, why, and tries again', async (path) => {
    await page.route(isData, (route) =>
      route.fulfill({ status: 500, json: { error: { code: 'InternalServerError', message: 'the disk is full' } } }),
    )
    await goTo(path)
    await says('This did not work')
    await says('The disk is full')
    await page.unroute(isData)
    const again = page.getByRole('main').getByRole('button', { name: 'Try again' }).first()
    // News from the server may have been quicker.
    const left = async (): Promise<number> => {
      await again.click({ timeout: 500 }).catch(() => {})
      return page.getByText('The disk is full').count()
    }
    await expect.poll(left, { timeout: 8_000 }).toBe(0)
  })

  it('goes on by itself when the network is back', async () => {
    await goTo('/my-access')
    await says('You have nothing open')
    await page.context().setOffline(true)
    await says(/The server cannot be reached. What you see may be out of date/)
    await mainMenu('Activity log')
    await says('The server cannot be reached')
    await page.context().setOffline(false)
    await page.getByRole('heading', { level: 1, name: 'Activity log' }).waitFor()
    await expect.poll(() => page.getByText(/What you see may be out of date/).count()).toBe(0)
  })
})

describe('somebody whose rights are taken away', () => {
  beforeAll(async () => {
    await goTo('/settings?tab=installation')
    await says('simulated machines from ')
    const path = '/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01'
    const { body: who } = await stage.server.call('GET', '/api/v1/users')
    const { id } = who.value.find(({ name }: { name: string }) => name === NAME)
    const { body } = await stage.server.call('GET', path)
    const own = body.value.filter(
      ({ properties }: { properties: { principalId: string } }) => properties.principalId === id,
    )
    if (own.length === 0) throw new Error(`expected assignments of ${NAME}`)
    for (const { id: assignment } of own) await stage.server.call('DELETE', `${assignment}?api-version=2022-04-01`)
  })

  it('is told so on the page where they are, in the place of what they may not see any more', async () => {
    await says('You do not have permission for this')
    expect(await page.getByText('simulated machines from ').count()).toBe(0)
  })

  it.each([
    ['/activity', 'You do not have permission for this'],
    ['/settings?tab=installation', 'You do not have permission for this'],
    ['/', 'Nobody had a door open in this time'],
    ['/machines', /No machine/],
    ['/request', 'No machine of yours is protected yet'],
    ['/my-access', 'You have nothing open'],
  ])('finds at %s no more than they may know', async (path, text) => {
    await goTo(path)
    await says(text)
    expect(await violationsOn(page)).toEqual([])
  })
})

describe('a server that is stopped', () => {
  it('is told of on every page, and the menu still works', async () => {
    await goTo('/my-access')
    await says('You have nothing open')
    // The pages come along once the first has settled.
    const loaded = "performance.getEntriesByType('resource').some(({ name }) => name.includes('/settings-'))"
    await expect.poll(() => page.evaluate<boolean>(loaded), { timeout: 10_000 }).toBe(true)
    isStopped = true
    await stage.server.stop()
    await says(/The server cannot be reached. What you see may be out of date/)
    for (const name of ['Machines', 'Activity log', 'Access control', 'Settings', 'Overview']) {
      await mainMenu(name)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await says('The server cannot be reached')
      expect(await page.getByText('Failed to fetch').count()).toBe(0)
    }
  })
})

/** What pages show; not who is signed in. */
function isData(url: URL): boolean {
  return /^\/(?:api\/v1|providers|subscriptions)\//.test(url.pathname) && !url.pathname.endsWith('/changes')
}
