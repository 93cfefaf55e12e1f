/** What is around every page: the session's end, a server that is away, a page that breaks; and who may look after whom. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { violationsOn } from './axe.ts'
import { furnish, furnishDirectory } from './furnish.ts'
import { OVERLAYS, show } from './scenes.ts'
import { machineId, startStage, type Stage } from './stage.ts'

const ADA = 'ada@example.org'

let stage: Stage
let page: Page

beforeAll(async () => {
  stage = await startStage()
  await furnish(stage)
  ;({ page } = await stage.signIn(ADA))
  page.setDefaultTimeout(10_000)
  await furnishDirectory(stage, ADA)
}, 120_000)
afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
afterAll(() => stage.stop())

async function visit(path: string): Promise<void> {
  await page.goto(stage.server.url + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
}

const search = (values: Record<string, string>): string => new URLSearchParams(values).toString()

async function membersOf(group: string): Promise<readonly string[]> {
  const { body } = await stage.server.call('GET', '/api/v1/groups')
  return body.value.find(({ name }: { name: string }) => name === group).members
}

describe('whoever looks after access', () => {
  it('makes a group and adds somebody by name', async () => {
    await visit('/access-control?tab=groups')
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Day shift')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('button', { name: 'Actions for Day shift' }).click()
    await page.getByRole('menuitem', { name: 'Add a member' }).click()
    await page.getByRole('combobox', { name: 'Member' }).fill('grace@example.org')
    await page.getByRole('combobox', { name: 'Member' }).blur()
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    expect(await membersOf('Day shift')).toHaveLength(1)
  })

  it('is asked before somebody is taken out of a group', async () => {
    await visit('/access-control?tab=groups')
    const leave = page.getByRole('button', { name: 'Remove grace@example.org from Day shift' })
    await leave.click()
    await page.getByText('The member loses the roles that the group gives').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await leave.waitFor()
    expect(await membersOf('Day shift')).toHaveLength(1)
    await leave.click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await leave.waitFor({ state: 'detached' })
    expect(await membersOf('Day shift')).toEqual([])
  })

  it('sees why somebody may do something, and which role would give what is missing', async () => {
    await visit('/access-control?tab=check')
    await page.getByText('ada@example.org may not do this').waitFor()
    await page.getByText(/Any one of these roles at Everywhere.*JIT Requester/).waitFor()
    expect(await page.getByRole('img', { name: 'Not allowed' }).count()).toBe(1)
  })

  it('is offered nothing that would be refused', async () => {
    await visit('/access-control?tab=users')
    await page.getByText('grace@example.org').waitFor()
    expect(await page.getByRole('button', { name: 'New user' }).count()).toBe(0)
    await visit('/access-control?tab=groups')
    expect(await page.getByRole('button', { name: 'New group' }).isEnabled()).toBe(true)
  })

  it('has the audit trail verified', async () => {
    await visit('/settings?tab=audit')
    await page.getByRole('button', { name: 'Verify now' }).click()
    const verdict = page.getByText('The trail is what was written')
    await verdict.waitFor()
    expect(await verdict.isVisible()).toBe(true)
  })
})

describe('what opens over a page', () => {
  it.each(OVERLAYS)(
    '$name has nothing that axe objects to, dark and 320 pixels wide',
    async (scene) => {
      await page.setViewportSize({ width: 320, height: 800 })
      await page.evaluate("localStorage.setItem('sallyport.theme', 'dark')")
      await show(page, scene, { url: stage.server.url, language: 'en' })
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      expect([await violationsOn(page), Math.max(0, overflow)]).toEqual([[], 0])
    },
    20_000,
  )

  it('leaves the page as it was when it is closed by Escape, the focus on what opened it', async () => {
    await page.setViewportSize({ width: 1_280, height: 900 })
    await visit('/access-control?tab=groups')
    await page.getByRole('button', { name: 'New group' }).press('Enter')
    await page.getByRole('textbox', { name: 'Name' }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('alertdialog').count()).toBe(0)
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('New group')
  })

  it('so does what slides in: a drawer, and the menu of a narrow page', async () => {
    await visit('/settings?tab=hosts')
    const slides = async (opener: Locator, open: () => Promise<void>): Promise<void> => {
      await opener.press('Enter')
      await open()
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
      await expect.poll(() => opener.evaluate((element) => element.matches(':focus'))).toBe(true)
    }
    const ofHost = page.getByRole('button', { name: 'Actions for rack1' })
    await slides(ofHost, () => page.getByRole('menuitem', { name: 'Show the agent’s log' }).press('Enter'))
    await page.setViewportSize({ width: 320, height: 800 })
    await slides(page.getByRole('button', { name: 'Open the main menu' }), () => Promise.resolve())
    await page.setViewportSize({ width: 1_280, height: 900 })
  })
})

describe('a request that was followed until it was open', () => {
  it('is not said to have failed when it is over', async () => {
    await visit(`/request?${search({ machine: machineId('web2') })}`)
    await page.getByRole('button', { name: 'Open 1 port' }).click()
    await page.getByText('Open. Connect now:').waitFor()
    const { body } = await stage.server.call('GET', '/api/v1/requests?top=1')
    await stage.server.call('POST', `/api/v1/requests/${body.value[0].id}/close`, {})
    await page.getByText('This access is over; the port was seen closed.').waitFor()
    expect(await page.getByText('could not be opened').count()).toBe(0)
  })
})

describe('a request whose answer is lost on the way', () => {
  it('is not said to have opened nothing', async () => {
    await visit(`/request?${search({ machine: machineId('db1') })}`)
    const isSent = (url: URL): boolean => url.pathname.endsWith('/initiate') && !url.searchParams.has('dryRun')
    await page.route(isSent, async (route) => {
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: 'Open 1 port' }).click()
    await page.getByText('No answer came: whether it was done').waitFor()
    expect(await page.getByText('nothing was opened').count()).toBe(0)
    await page.unroute(isSent)
    await page.getByRole('link', { name: /Perhaps opened/ }).click()
    await page.getByRole('row', { name: /db1/ }).getByText('Open', { exact: true }).waitFor()
  })
})

describe('the frame', () => {
  it('says of a page that cannot be loaded that it failed, and keeps the menu', async () => {
    await page.route('**/assets/settings-*.js', (route) => route.abort())
    await visit('/machines')
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('alert').getByText('This did not work').waitFor()
    expect(await page.getByRole('link', { name: 'Machines' }).isVisible()).toBe(true)
    await page.unroute('**/assets/settings-*.js')
    await page.getByRole('link', { name: 'Machines' }).click()
    await page.getByRole('heading', { level: 1, name: 'Just-in-time VM access' }).waitFor()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('tells the server what it asks while nobody is at it, and what it asks for somebody', async () => {
    const { context: his, page: left } = await stage.signIn('linus@example.org')
    const asked: (string | undefined)[] = []
    left.on('request', (request) => {
      if (request.url().endsWith('/auth/session')) asked.push(request.headers()['sallyport-background'])
    })
    await left.clock.install()
    await left.goto(`${stage.server.url}/my-access`)
    await left.getByRole('heading', { level: 1 }).waitFor()
    expect([...new Set(asked)]).toEqual([undefined])
    await left.clock.fastForward('05:00')
    await expect.poll(() => asked.at(-1)).toBe('true')
    // The next question comes a minute after the answer to the one before, which may still be on its way here.
    const askedAtKeyboard = async (): Promise<string | undefined> => {
      await left.keyboard.press('Shift')
      await left.clock.fastForward('01:01')
      return asked.at(-1)
    }
    await expect.poll(askedAtKeyboard).toBeUndefined()
    await his.close()
  })

  it('keeps what was typed when the session ends, and goes on after signing in elsewhere', async () => {
    // Of somebody without rights over others, who signs in again with a password alone.
    const name = 'bob@example.org'
    const { context: his, page: form } = await stage.signIn(name)
    form.setDefaultTimeout(10_000)
    await form.goto(`${stage.server.url}/request?${search({ machine: machineId('web1') })}`)
    const reason = form.getByRole('textbox', { name: 'Justification' })
    await reason.fill('INC-1: do not lose me')
    await stage.server.call('POST', `/api/v1/users/${name}/change`, { change: 'sign-out' })
    await form.getByText('Your session has ended').waitFor()
    expect(await form.getByRole('link', { name: 'Sign in again' }).first().getAttribute('target')).toBe('_blank')
    const other = await his.newPage()
    await other.goto(`${stage.server.url}/auth/sign-in?returnTo=/`)
    await other.getByLabel('Name').fill(name)
    await other.getByLabel('Password', { exact: true }).fill('a long enough phrase')
    await other.getByRole('button', { name: 'Sign in' }).click()
    await other.waitForURL(`${stage.server.url}/`)
    await other.close()
    await form.evaluate('window.dispatchEvent(new Event("focus"))')
    await form.getByText('Your session has ended').waitFor({ state: 'detached' })
    expect(await reason.inputValue()).toBe('INC-1: do not lose me')
    await his.close()
  })
})
