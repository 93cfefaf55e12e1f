/** The portal in a real browser over the real server: what people do, what they may not, and what axe says of every page. */
import { readFile } from 'node:fs/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PORTAL_PATHS } from '../../src/contract/portal-paths.ts'
import { violationsOn } from './axe.ts'
import { furnish } from './furnish.ts'
import { machineId, startStage, type Stage } from './stage.ts'

const PATIENCE = 120_000

let stage: Stage
let context: BrowserContext
let page: Page
const complaints: string[] = []
const strangers = new Set<string>()
/** Lists of machines that were asked for without an end. */
const endless = new Set<string>()

beforeAll(async () => {
  stage = await startStage()
  await furnish(stage)
  ;({ context, page } = await stage.signIn('ada@example.org'))
  page.setDefaultTimeout(10_000)
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const { origin, pathname, searchParams } = new URL(request.url())
    if (pathname === '/api/v1/machines' && !searchParams.has('top')) endless.add(page.url())
    if (origin !== stage.server.url && !request.url().startsWith('data:')) strangers.add(origin)
  })
}, PATIENCE)
afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
afterAll(() => stage.stop())

async function visit(path: string): Promise<void> {
  await page.goto(stage.server.url + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** Tables that are wider than the place that they have, by their names. */
const CUT = `[...document.querySelectorAll('table')]
  .map((table) => table.parentElement)
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.firstElementChild.ariaLabel)`

const search = (values: Record<string, string>): string => new URLSearchParams(values).toString()

describe('what people do', () => {
  it('enable just-in-time on a machine that is open to everybody, after seeing what will change', async () => {
    await visit('/machines?tab=notConfigured')
    await page.getByText('Port 22 is open to the internet by rule allow-ssh').waitFor()
    await page.getByRole('link', { name: 'legacy-ftp' }).click()
    await page.getByRole('link', { name: 'Enable just-in-time' }).click()
    await page.getByLabel('Port', { exact: true }).fill('70000')
    await page.getByText(/70000/).first().waitFor()
    expect(await page.getByRole('button', { name: 'Review changes' }).isDisabled()).toBe(true)
    await page.getByLabel('Port', { exact: true }).fill('22')
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page
      .getByText(/protect .*22/i)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'legacy-ftp' }).waitFor()
    const { body } = await stage.server.call('GET', `/api/v1/machines?top=1&ids=${machineId('legacy-ftp')}`)
    expect(body.value[0].posture.category).toBe('configured')
  })

  it('leave the neighbours in the policy as they were', async () => {
    const { body } = await stage.server.call('GET', '/api/v1/policies')
    const shop = body.value.find(({ id }: { id: string }) => id.includes('/resourceGroups/shop/'))
    expect(shop.virtualMachines.map(({ id }: { id: string }) => id.split('/').at(-1)).toSorted()).toEqual([
      'db1',
      'legacy-ftp',
      'web1',
      'web2',
    ])
  })

  it('are told beside the field why a request would be refused, before it is sent', async () => {
    await visit(`/request?${search({ machine: machineId('web1') })}`)
    await page.getByLabel('IP ranges', { exact: true }).first().check()
    await page.getByRole('alert').getByText('at least one address').waitFor()
    await page.getByRole('textbox', { name: 'IP ranges' }).fill('300.1.1.1')
    await page.getByRole('alert').getByText('300.1.1.1').waitFor()
    await page.getByRole('spinbutton', { name: 'Time in minutes' }).fill('240')
    await page
      .getByRole('alert')
      .getByText(/at most 3 hours; you asked for/)
      .waitFor()
    await page.getByRole('spinbutton', { name: 'Time in minutes' }).fill('90')
    await page.getByText('1 hour 30 minutes, at most 3 hours').waitFor()
    expect(await page.getByRole('button', { name: 'Open 1 port' }).isDisabled()).toBe(true)
  })

  it('find machines for a request by a part of the name, and only protected ones', async () => {
    await visit('/request')
    const picker = page.getByRole('combobox', { name: 'Machines' })
    await picker.pressSequentially('db')
    await page.getByRole('option', { name: /^db1/ }).waitFor()
    await expect.poll(() => page.getByRole('option').count()).toBe(1)
    await picker.pressSequentially('-agent')
    await page.getByText('No other protected machine is called that').waitFor()
    await picker.press('ControlOrMeta+a')
    await picker.pressSequentially('WEB1')
    await expect.poll(() => page.getByRole('option').count()).toBe(1)
    await page.getByRole('option', { name: /^web1/ }).click()
    await page.getByRole('heading', { level: 2, name: 'web1' }).waitFor()
  })

  it('request access, see it open with the line to connect, and find it among their own', async () => {
    await visit(`/request?${search({ machine: machineId('db1') })}`)
    await page.getByLabel('Justification').fill('INC-7: look at the slow query')
    const open = page.getByRole('button', { name: 'Open 1 port' })
    // A key, unlike a click, does not wait until a button takes it.
    await expect.poll(() => open.isEnabled()).toBe(true)
    await open.press('Enter')
    await page.getByText('Open. Connect now:').waitFor()
    await page.getByText('ssh user@203.0.113.').first().waitFor()
    // The form that had the keyboard has gone; who goes on with it copies the line.
    await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toBe('Copy: ssh user@203.0.113.6')
    await page.getByLabel('Your name on the machines, for SSH').fill('ada; rm -rf /')
    await page.getByText('Letters, digits, and . _ - alone').waitFor()
    await page.getByText('ssh user@203.0.113.6').waitFor()
    await page.getByLabel('Your name on the machines, for SSH').fill('ada')
    await visit('/my-access')
    await page.getByText('ssh ada@203.0.113.6').waitFor()
    await page.evaluate("localStorage.removeItem('sallyport.login-name')")
    expect(page.url()).not.toContain('INC-7')
  })

  it('come to a request with the keyboard ready, and are given no machine that they only pass by', async () => {
    await visit('/request')
    await expect.poll(() => page.locator(':focus').getAttribute('role')).toBe('combobox')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await expect.poll(() => page.getByRole('option').count()).toBe(0)
    expect(await page.getByRole('heading', { level: 2 }).count()).toBe(0)
    await page.getByText('Asked for before:').waitFor()
    await page.getByRole('button', { name: 'db1' }).click()
    await page.getByRole('heading', { level: 2, name: 'db1' }).waitFor()
  })

  it('look at a day of their choice, see which it is, and save who had access then', async () => {
    await visit('/')
    const today = new Date()
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) =>
      String(part).padStart(2, '0'),
    )
    await page.getByLabel('Go to a day').fill(day.join('-'))
    await page
      .getByRole('link', { name: /on db1/ })
      .first()
      .waitFor()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ])
    expect(saved.suggestedFilename()).toMatch(/^access-.*\.csv$/)
    const lines = (await readFile(await saved.path(), 'utf8')).split('\r\n')
    expect(lines[0]).toMatch(/^machine,port,who,sources,from,until,state/)
    expect(lines.filter((line) => line.includes('INC-7: look at the slow query')).length).toBe(1)
    await page.getByRole('button', { name: 'Earlier' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Later' }).isDisabled()).toBe(false)
    await page.getByLabel('Go to a day').fill('2020-02-29')
    await page.getByText('Nobody had a door open in this time').waitFor()
    await page
      .getByText(/Feb 29, 2020/)
      .first()
      .waitFor()
  })

  it('look closer and from further away by keys at a window, and by a click at a day, and stay where they were', async () => {
    await visit('/')
    const zoomed = (to: string) => page.getByRole('tab', { name: to, exact: true, selected: true }).waitFor()
    const window = page.getByRole('link', { name: /on db1/ }).first()
    const focused = (): Promise<string> => page.evaluate("document.activeElement?.getAttribute('data-window') ?? ''")
    await window.focus()
    const id = await focused()
    await page.keyboard.press('+')
    await zoomed('Hour')
    await expect.poll(focused).toBe(id)
    await page.keyboard.press('-')
    await zoomed('Day')
    await expect.poll(focused).toBe(id)
    await page.keyboard.press('-')
    await zoomed('Week')
    await expect.poll(focused).toBe(id)
    await page.getByLabel('Go to a day').fill('2020-02-29')
    await page.getByRole('tab', { name: 'Week', exact: true }).click()
    await page.getByText('Feb 26, 2020, 00:00 – Mar 4, 2020, 00:00').waitFor()
    await page.getByRole('button', { name: 'Now' }).click()
    const yesterday = new Date(Date.now() - 86_400_000)
    const name = yesterday.toLocaleDateString('en', { weekday: 'short', month: 'short', day: 'numeric' })
    await page.getByText(name, { exact: true }).click()
    await zoomed('Day')
    const day = yesterday.toLocaleDateString('en', { month: 'short', day: 'numeric' })
    await page.getByText(new RegExp(`^${day}, 00:00 – `)).waitFor()
  })

  it('extend it, close it at once, and ask for it again with the same words', async () => {
    await visit('/my-access')
    const before = await page
      .getByText(/closes in/)
      .first()
      .textContent()
    await page.getByRole('button', { name: /Extend: 22/ }).click()
    await page.getByRole('menuitem', { name: /2 hours from now/ }).click()
    await expect
      .poll(() =>
        page
          .getByText(/closes in/)
          .first()
          .textContent(),
      )
      .not.toBe(before)
    await page.getByRole('button', { name: /Close now: 22/ }).click()
    await page.getByText('You have nothing open').waitFor()
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main')
    const told = page.getByText('22/TCP (SSH) on db1 is closed')
    await told.first().waitFor()
    // What a screen reader is told, besides the toast that is seen.
    await expect
      .poll(() =>
        page
          .locator('[aria-live="polite"]')
          .getByText(/on db1 is closed/)
          .count(),
      )
      .toBe(1)
    await page
      .getByText(/22\/TCP \(SSH\) on db1 now stays open until/)
      .first()
      .waitFor()
    await page
      .getByRole('link', { name: /Request again: 22/ })
      .first()
      .click()
    expect(await page.getByLabel('Justification').inputValue()).toBe('INC-7: look at the slow query')
  })

  it('see in the activity log what they did, narrow it, and download exactly that', async () => {
    await visit(`/activity?${search({ machine: machineId('db1'), actor: 'ada@example.org' })}`)
    await page.getByRole('button', { name: 'Access requested' }).first().click()
    await page.getByRole('dialog').getByText('INC-7: look at the slow query').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ])
    const csv = await readFile(await download.path(), 'utf8')
    expect(csv).toContain('INC-7: look at the slow query')
    expect(csv).not.toContain('INC-4711')
  })

  it('read of a subscription what it is called, and its id where it is pointed at', async () => {
    await visit(`/activity?${search({ action: 'role.assigned' })}`)
    const home = page.getByRole('cell', { name: 'This installation' }).first()
    await home.waitFor()
    expect(await home.getByTitle(`/subscriptions/${stage.server.subscriptionId}`).count()).toBe(1)
    await visit('/access-control')
    await page.getByRole('combobox', { name: 'Scope' }).click()
    await page.keyboard.type('this inst')
    await page.getByRole('option', { name: /^This installation/ }).click()
    await page.getByRole('cell', { name: 'This installation' }).first().waitFor()
  })

  it('see at once what somebody else opens, without reloading', async () => {
    await visit('/')
    const figure = page.getByRole('link', { name: /Open now/ })
    const before = await figure.textContent()
    const path = `${machineId('web2').replace(/\/providers.*/, '')}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default/initiate?api-version=2020-01-01`
    const ports = [{ number: 22, duration: 'PT5M', allowedSourceAddressPrefix: '192.0.2.1' }]
    await stage.server.call('POST', path, { virtualMachines: [{ id: machineId('web2'), ports }] })
    await expect.poll(() => figure.textContent(), { timeout: 10_000 }).not.toBe(before)
  })

  it('are led on by a key that was quicker than the answer what they may do here', async () => {
    const rights = /\/Microsoft\.Authorization\/permissions/
    const isPressed = Promise.withResolvers<undefined>()
    await page.route(rights, async (route) => {
      await isPressed.promise
      await route.continue()
    })
    await visit('/machines')
    await page.getByRole('button', { name: 'Actions for db1' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Remove protection' }).press('Enter')
    await page.waitForURL(/\/policy\?/)
    isPressed.resolve(undefined)
    const question = page.getByRole('dialog', { name: 'Remove the protection?' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Remove protection' }).isVisible()).toBe(true)
  })

  it('are asked, from a machine’s menu, whether its protection is to be removed, and see first what that changes', async () => {
    await visit('/machines')
    await page.getByRole('button', { name: 'Actions for db1' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Remove protection' }).press('Enter')
    const question = page.getByRole('dialog', { name: 'Remove the protection?' })
    await question.waitFor()
    expect(await violationsOn(page)).toEqual([])
    await question.getByRole('button', { name: 'Review changes' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/\/machines$/)
    const { body } = await stage.server.call('GET', `/api/v1/machines?top=1&ids=${machineId('db1')}`)
    expect(body.value[0].posture.category).toBe('notConfigured')
  })

  it('never overwrite what a colleague saved meanwhile', async () => {
    await visit(`/policy?${search({ machine: machineId('web1') })}`)
    await page.getByLabel('Maximum time (hours)').fill('2')
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page.getByRole('button', { name: 'Save' }).waitFor()
    const path = `${machineId('web2').replace(/\/providers.*/, '')}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default?api-version=2020-01-01`
    const { body } = await stage.server.call('GET', path)
    body.properties.virtualMachines.pop()
    await stage.server.call('PUT', path, {
      kind: 'Basic',
      properties: { virtualMachines: body.properties.virtualMachines },
    })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Somebody changed this policy meanwhile').waitFor()
    await page.getByRole('button', { name: 'Read again' }).click()
    expect(await page.getByLabel('Maximum time (hours)').inputValue()).toBe('2')
  })
})

describe('every page', () => {
  const addresses = PORTAL_PATHS.map((path) =>
    path === '/machine'
      ? `${path}?${search({ id: machineId('web1') })}`
      : path === '/policy'
        ? `${path}?${search({ machine: machineId('web1') })}`
        : path,
  )

  it.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 320],
  ] as const)(
    'has nothing that axe objects to, %s and %d pixels wide',
    async (theme, width) => {
      await page.evaluate(`localStorage.setItem('sallyport.theme', '${theme}')`)
      await page.setViewportSize({ width, height: 900 })
      const found: string[] = []
      for (const path of addresses) {
        await visit(path)
        await page.waitForLoadState('networkidle')
        found.push(...(await violationsOn(page)).map((violation) => `${path} ${violation}`))
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
        if (overflow > 0) found.push(`${path} is ${overflow} pixels too wide`)
        const cut = await page.evaluate<string[]>(CUT)
        found.push(...cut.map((label) => `${path} shows a part of ${label}`))
      }
      expect(found).toEqual([])
    },
    PATIENCE,
  )

  it('shows on a phone a card for each row of a table, which to a screen reader is a table still', async () => {
    await page.setViewportSize({ width: 320, height: 900 })
    await visit('/machines')
    const row = page.getByRole('table').getByRole('row', { name: /web2/ })
    await row.waitFor()
    const cells = await row.getByRole('cell').all()
    const places = await Promise.all(cells.map((cell) => cell.boundingBox()))
    // The box that chooses it stands beside its name, all else below.
    expect(new Set(places.slice(1).map((place) => place?.x)).size).toBe(1)
    expect(cells.length).toBe(await page.getByRole('columnheader').count())
    await page.getByRole('button', { name: 'Severity' }).press('Enter')
    await page.getByRole('columnheader', { name: 'Severity', exact: true }).and(page.locator('[aria-sort]')).waitFor()
    await row.getByRole('checkbox').check()
    await page.setViewportSize({ width: 1_000, height: 900 })
    expect(await page.evaluate(CUT)).toEqual([])
  })

  it('keeps to its own policy and loads nothing from elsewhere', () => {
    expect(complaints).toEqual([])
    expect([...strangers]).toEqual([])
  })

  it('never asks for all machines, of which there may be 100,000', () => {
    expect([...endless]).toEqual([])
  })

  it('says that the session has ended, and leads back to where one was', async () => {
    await visit('/machines?tab=unsupported')
    await context.clearCookies()
    await page.reload()
    const link = page.getByRole('link', { name: 'Sign in' })
    await link.waitFor()
    expect(await link.getAttribute('href')).toBe(`/auth/sign-in?${search({ returnTo: '/machines?tab=unsupported' })}`)
  })
})
