/** What administrators do in the portal, and what those who may only look are offered: a real browser over the real server. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { violationsOn } from './axe.ts'
import { furnish, furnishDirectory } from './furnish.ts'
import { machineId, READER, startStage, type Stage } from './stage.ts'

const PATIENCE = 120_000

/** JIT Requester: may ask for access, and read no more than that takes. */
const REQUESTER = '5a11d0c0-0002-4a11-8a11-5a11d0c05a11'

let stage: Stage
let administrator: { context: BrowserContext; page: Page }
let page: Page

beforeAll(async () => {
  stage = await startStage()
  await furnish(stage)
  administrator = await stage.signIn('ada@example.org')
  page = administrator.page
  page.setDefaultTimeout(10_000)
  await furnishDirectory(stage, 'ada@example.org')
}, PATIENCE)
afterEach(() => page.unrouteAll({ behavior: 'ignoreErrors' }))
afterAll(() => stage.stop())

async function visit(path: string, on = page): Promise<void> {
  await on.goto(stage.server.url + path)
  await on.getByRole('heading', { level: 1 }).waitFor()
}

const search = (values: Record<string, string>): string => new URLSearchParams(values).toString()

async function connection(): Promise<{ settings: Record<string, unknown>; version: number }> {
  return (await stage.server.call('GET', '/api/v1/connections/production')).body
}

describe('a connection', () => {
  const edit = async (): Promise<void> => {
    await visit('/settings')
    await page.getByRole('button', { name: 'Actions for production' }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await page.getByRole('heading', { name: 'Edit production' }).waitFor()
  }
  const save = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Try it first' }).click()
    await page.getByRole('button', { name: /^Save/ }).click()
  }

  it('is changed in what was typed, after it was tried, and stays as it was in all else', async () => {
    const before = await connection()
    await edit()
    expect(await violationsOn(page)).toEqual([])
    await page.getByLabel('Regions').fill('eu-west-1 eu-north-1')
    await save()
    await page.getByText('production is saved').first().waitFor()
    await page.getByText('eu-west-1, eu-north-1').waitFor()
    expect((await connection()).settings).toEqual({ ...before.settings, regions: ['eu-west-1', 'eu-north-1'] })
  })

  it('that somebody else changed meanwhile is not overwritten', async () => {
    await edit()
    const { settings } = await connection()
    await stage.server.call('PUT', '/api/v1/connections/production', { settings: { ...settings, drift: 'report' } })
    await page.getByLabel('Profile', { exact: true }).fill('mine')
    await page.getByRole('button', { name: 'Try it first' }).click()
    await page.getByText(/has changed since you read it/).waitFor()
    await page.getByRole('button', { name: 'Read again' }).click()
    await expect.poll(() => page.getByLabel('What others change').inputValue()).toBe('report')
    expect((await connection()).settings).toEqual({ ...settings, drift: 'report' })
  })
})

describe('the settings', () => {
  it('say which sink takes nothing and why, what is signed, and what a verification finds', async () => {
    await visit('/settings?tab=audit')
    const siem = page.getByRole('row', { name: /siem/ })
    await siem.getByText(/ECONNREFUSED/).waitFor()
    await page
      .getByRole('row', { name: /archive/ })
      .getByText('Has everything')
      .waitFor()
    await page.getByText('Never').first().waitFor()
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('The trail is what was written').waitFor()
    await page.getByText('By ada@example.org').waitFor()
    expect(await violationsOn(page)).toEqual([])
  })

  it('say which issuers are trusted, and which does not answer', async () => {
    await visit('/settings?tab=issuers')
    await page
      .getByRole('row', { name: /This installation/ })
      .getByText('Its own')
      .waitFor()
    await page
      .getByRole('row', { name: /127\.0\.0\.1:65530/ })
      .getByText('Does not answer')
      .waitFor()
    expect(await violationsOn(page)).toEqual([])
  })
})

describe('a host', () => {
  const menuOf = async (host: string, deed: string): Promise<void> => {
    await page.getByRole('button', { name: `Actions for ${host}` }).press('Enter')
    await page.getByRole('menuitem', { name: deed }).click()
  }

  it('that is connected says what it runs, that there is another version, and what its agent noted', async () => {
    await visit('/settings?tab=hosts')
    const row = page.getByRole('row', { name: /rack1 .*Connected.*Agent 0\.1\.9.*Another version is there/ })
    await row.getByText('Debian GNU/Linux 12 (bookworm)').waitFor()
    await menuOf('rack1', 'Show the agent’s log')
    await page
      .getByRole('dialog')
      .getByText(/info hi/)
      .waitFor()
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Close' }).click()
    await row.getByRole('link', { name: 'rack1' }).click()
    await page.getByRole('heading', { level: 1, name: 'rack1' }).waitFor()
    await page.getByText('env=prod').waitFor()
  })

  it('that a policy chose by its labels is edited alone, and the others stay chosen', async () => {
    const { subscriptionId, resourceGroup, location } = (await stage.server.call('GET', '/api/v1/whoami')).body
    const policy = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/labelled?api-version=2020-01-01`
    const ports = [{ number: 22, protocol: 'TCP', allowedSourceAddressPrefix: '*', maxRequestAccessDuration: 'PT3H' }]
    const selectors = [{ labels: { env: 'prod' }, ports }]
    const made = await stage.server.call('PUT', policy, { properties: { virtualMachines: [], selectors } })
    expect(made.status).toBe(200)
    const { id } = (await stage.server.call('GET', '/api/v1/hosts/rack1')).body
    await visit(`/policy?${search({ machine: id })}`)
    await page.getByText('Protected for the label env=prod: rack1').waitFor()
    expect(await page.getByRole('button', { name: /Remove protection/ }).count()).toBe(0)
    await page.getByLabel('Maximum time (hours)').fill('1')
    await page.getByLabel('Who is connected then').selectOption('Is cut off')
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/\/machines/)
    const { properties } = (await stage.server.call('GET', policy)).body
    expect(properties.selectors).toMatchObject(selectors)
    const own = properties.virtualMachines.find((machine: { id: string }) => machine.id === id)
    expect([own.chosenBy, own.ports[0].maxRequestAccessDuration, own.ports[0].onExpiry]).toEqual([
      undefined,
      'PT1H',
      'cut',
    ])
  })

  it('is protected for its labels, by a policy that is made, edited and emptied in the portal', async () => {
    const { subscriptionId, resourceGroup, location } = (await stage.server.call('GET', '/api/v1/whoami')).body
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/racks?api-version=2020-01-01`
    const review = async (): Promise<void> => page.getByRole('button', { name: 'Review changes' }).click()
    const save = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Save' }).click()
      await page.waitForURL(/\/machines/)
    }
    const stored = async () => (await stage.server.call('GET', path)).body.properties
    await visit('/machines')
    await page.getByRole('link', { name: 'Protect by labels' }).click()
    await page.getByLabel('Policy', { exact: true }).selectOption('New policy')
    await page.getByLabel('Name of the new policy').fill('web-tier')
    await page.getByText('There is a policy of this name already').waitFor()
    await page.getByLabel('Name of the new policy').fill('racks')
    await page.getByRole('textbox', { name: 'Labels' }).fill('env')
    await page.getByText('a selector is name=value').waitFor()
    await page.getByRole('textbox', { name: 'Labels' }).fill('tier=web')
    await page.getByText('Chooses no machine now').waitFor()
    await page.getByText('1 machine cannot be protected: rack7').waitFor()
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=prod')
    await page.getByText('Chooses 1 machine now: rack1').waitFor()
    expect(await violationsOn(page)).toEqual([])
    await review()
    await page.getByText(/protect 22\/tcp of rack1/i).waitFor()
    await save()
    const ids = ({ virtualMachines }: { virtualMachines: { id: string; chosenBy?: string }[] }): string[] =>
      virtualMachines.map(({ id, chosenBy }) => `${id.split('/').at(-1)} ${chosenBy}`)
    expect(ids(await stored())).toEqual(['rack1 env=prod'])

    await visit(`/labels?${search({ policy: path.replace(/\?.*/, '') })}`)
    await page.getByLabel('Maximum time (hours)').fill('2')
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=prod,site=ams')
    await page.getByText('1 machine was chosen by labels that are gone').waitFor()
    expect(await page.getByRole('button', { name: 'Review changes' }).isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=prod')
    await review()
    await save()
    expect((await stored()).selectors[0].ports[0].maxRequestAccessDuration).toBe('PT2H')

    await visit(`/labels?${search({ policy: path.replace(/\?.*/, '') })}`)
    await page.getByRole('button', { name: 'Remove env=prod' }).click()
    await page.getByRole('radio', { name: /Is not protected any more/ }).check()
    await review()
    await page.getByText('Removes policy racks').waitFor()
    await save()
    expect((await stage.server.call('GET', path)).status).toBe(404)
  })

  it('that is a gateway is told which machines are behind it', async () => {
    await visit('/settings?tab=hosts')
    await menuOf('edge1', 'Machines behind it')
    await page.getByText('No machine is behind it yet').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('plc4')
    await page.getByRole('textbox', { name: 'Addresses' }).fill('10.9.0.4, fd00::4')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('row', { name: /plc4 10\.9\.0\.4, fd00::4/ }).waitFor()
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove plc4' }).click()
    await page.getByText('No machine is behind it yet').waitFor()
    expect((await stage.server.call('GET', '/api/v1/hosts/edge1')).body.behind).toEqual([])
  })

  it('that nobody hears from says so on its page', async () => {
    const since = new Date(Date.now() - 2 * 3_600_000).toISOString()
    await page.route(/\/api\/v1\/machines\?/, async (route) => {
      const response = await route.fetch()
      const { value } = await response.json()
      await route.fulfill({ response, json: { value: [{ ...value[0], unreachableSince: since }], total: 1 } })
    })
    const { id } = (await stage.server.call('GET', '/api/v1/hosts/rack1')).body
    await visit(`/machine?${search({ id })}`)
    await page.getByText('Unreachable: its agent was last heard from 2 hours ago.').waitFor()
    expect(await violationsOn(page)).toEqual([])
  })

  it('is enrolled by a command that is shown once, with its end, and nowhere again', async () => {
    await visit('/settings?tab=hosts')
    await page.getByRole('button', { name: 'Enroll a host' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('rack8')
    await page.getByRole('textbox', { name: 'Labels' }).fill('env')
    await page.getByText('a label is name=value').waitFor()
    expect(await page.getByRole('button', { name: 'Give the command' }).isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=test')
    await page.getByLabel('The command is good for').selectOption('1 hour')
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('textbox', { name: 'Name' }).press('Enter')
    const command = page.getByLabel('Command', { exact: true })
    const [, token = ''] = /sallyport-agent enroll .*--token (\S+)/.exec((await command.textContent()) ?? '') ?? []
    expect(token.length).toBeGreaterThan(20)
    await page.getByText(/works once, until \d\d:\d\d \((1:00:00|59:\d\d) left\)/).waitFor()
    expect(await violationsOn(page)).toEqual([])
    await page.keyboard.press('Escape')
    await command.waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('row', { name: /rack8 .*Waits to be enrolled.*env=test/ }).waitFor()
    expect(await page.content()).not.toContain(token)
    const { body } = await stage.server.call('GET', '/api/v1/hosts/rack8')
    expect(body).toMatchObject({ state: 'neverEnrolled', labels: { env: 'test' } })
  })

  it('has its labels changed, and is removed after a question', async () => {
    await visit('/settings?tab=hosts')
    await menuOf('rack8', 'Edit labels')
    const labels = page.getByRole('textbox', { name: 'Labels' })
    await expect.poll(() => labels.inputValue()).toBe('env=test')
    await labels.fill('env=test\nteam=blue')
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /rack8 .*team=blue/ }).waitFor()
    await menuOf('rack8', 'Remove')
    await page.getByRole('alertdialog').getByText('Refused while a policy names it').waitFor()
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('rack8 is removed').first().waitFor()
    await page.getByRole('row', { name: /rack8/ }).waitFor({ state: 'detached' })
    expect((await stage.server.call('GET', '/api/v1/hosts/rack8')).status).toBe(404)
  })
})

describe('a scope', () => {
  it('is found by typing a part of a machine’s name, in a field that already says another', async () => {
    await visit('/access-control?tab=check')
    const field = page.getByRole('combobox', { name: 'Scope' })
    await field.focus()
    await field.pressSequentially('web')
    await page.getByRole('option', { name: /^web1 \(shop\)/ }).waitFor()
    expect(await violationsOn(page)).toEqual([])
    await field.press('Enter')
    await page.getByText('ada@example.org may do this').waitFor()
    expect(await field.inputValue()).toBe('web1 (shop)')
  })
})

describe('the search for machines', () => {
  it('asks the server when the typing pauses, not at every key', async () => {
    await visit('/machines')
    await page.getByRole('link', { name: 'web1' }).waitFor()
    const asked: string[] = []
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.pathname === '/api/v1/machines' && url.searchParams.has('search'))
        asked.push(url.searchParams.get('search') ?? '')
    })
    await page.getByRole('searchbox').pressSequentially('jumphost', { delay: 10 })
    await page.getByRole('link', { name: 'web1' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'jumphost' }).waitFor()
    // On a machine that is busy with other things, typing pauses too; but never at each of eight keys.
    await expect.poll(() => asked.at(-1)).toBe('jumphost')
    expect(new Set(asked).size).toBeLessThan(5)
  })
})

describe('an instance of AWS', () => {
  it('is called by its tag wherever access is listed, for its id says nothing to people', async () => {
    const instance = `${machineId('x').split('/providers/')[0]}/providers/Microsoft.Security/securityConnectors/prod/ec2Instances/i-0abc`
    const renamed = (text: string): string => text.replaceAll(machineId('web1'), instance)
    const [requests, machines] = [/\/api\/v1\/requests\?/, /\/api\/v1\/machines\?.*ec2instances/i]
    await page.route(requests, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: renamed(await response.text()) })
    })
    const { body } = await stage.server.call('GET', `/api/v1/machines?top=1&ids=${machineId('web1')}`)
    await page.route(machines, (route) =>
      route.fulfill({ json: { value: [{ ...body.value[0], id: instance, name: 'billing' }], total: 1 } }),
    )
    await visit('/')
    await page.getByRole('link', { name: 'billing', exact: true }).waitFor()
    expect(await page.getByText('i-0abc').count()).toBe(0)
  })
})

describe('every part of the settings and of access control', () => {
  const isData = (url: URL): boolean =>
    /^\/(?:api\/v1|providers|subscriptions)\b/.test(url.pathname) && !/\/(?:changes|permissions)$/.test(url.pathname)

  it.each([
    ['/settings?tab=hosts', 'rack7'],
    ['/settings?tab=installation', 'Version'],
    ['/settings?tab=issuers', 'Its own'],
    ['/settings?tab=audit', 'Newest event'],
    ['/settings?tab=plans', 'On: ports can be protected and opened'],
    ['/settings?tab=sessions', 'This one'],
    ['/access-control?tab=check', 'ada@example.org may not do this'],
    ['/access-control?tab=roles', 'Caretaker'],
    ['/access-control?tab=users', 'grace@example.org'],
    ['/access-control?tab=programs', 'nightly-backup'],
  ])('%s: says that it loads, that it failed and why, and tries again', async (path, shown) => {
    let fail = (): void => {}
    const failed = new Promise<void>((resolve) => (fail = resolve))
    await page.route(isData, async (route) => {
      await failed
      const error = { code: 'InternalServerError', message: 'the disk is full' }
      await route.fulfill({ status: 500, json: { error } })
    })
    await visit(path)
    await page.getByRole('progressbar', { name: 'Loading…' }).first().waitFor()
    expect(await page.getByText(shown).count()).toBe(0)
    fail()
    await page.getByText('The disk is full').first().waitFor()
    expect(await violationsOn(page)).toEqual([])
    const again = page.getByRole('main').getByRole('button', { name: 'Try again' })
    await again.first().waitFor()
    await page.unroute(isData)
    // Each part has a button of its own, which is gone where what happens elsewhere had it asked again by itself.
    const isThere = async (): Promise<boolean> => {
      if (await again.first().isVisible())
        await again
          .first()
          .click({ timeout: 500 })
          .catch(() => {})
      return page.getByText(shown).first().isVisible()
    }
    await expect.poll(isThere, { timeout: 8_000 }).toBe(true)
  })
})

describe('who may only look', () => {
  let reader: Page
  beforeAll(async () => {
    reader = (await stage.signIn('rita@example.org', {}, READER)).page
    reader.setDefaultTimeout(10_000)
  }, PATIENCE)

  it('is told what enabling, changing and asking take, instead of being offered them', async () => {
    await visit(`/machine?${search({ id: machineId('web1') })}`, reader)
    await reader.getByText(/You may not do this: it takes Microsoft.Security.*initiate\/action/).waitFor()
    await reader.getByRole('link', { name: 'Activity log' }).last().waitFor()
    expect(await reader.getByRole('link', { name: 'Edit' }).count()).toBe(0)
    expect(await reader.getByRole('button', { name: /^Open \d/ }).count()).toBe(0)
    await visit(`/machine?${search({ id: machineId('legacy-ftp') })}`, reader)
    await reader.getByText(/it takes .*jitNetworkAccessPolicies\/write/).waitFor()
    expect(await reader.getByRole('link', { name: 'Enable just-in-time' }).count()).toBe(0)
    await visit(`/policy?${search({ machine: machineId('web1') })}`, reader)
    await reader.getByText(/it takes .*jitNetworkAccessPolicies\/write/).waitFor()
    expect(await reader.getByRole('button', { name: 'Review changes' }).isDisabled()).toBe(true)
    expect(await violationsOn(reader)).toEqual([])
  })

  it('sees in a machine’s menu what would be there, and which right it takes', async () => {
    await visit('/machines', reader)
    await reader.getByRole('button', { name: 'Actions for web1' }).press('Enter')
    const item = reader.getByRole('menuitem', { name: /Request access/ })
    await item.getByText(/initiate\/action/).waitFor()
    expect(await item.getAttribute('aria-disabled')).toBe('true')
    for (let below = 0; below < 3; below++) await reader.keyboard.press('ArrowDown')
    await expect.poll(() => reader.locator(':focus').textContent()).toBe('Activity log')
    await reader.keyboard.press('Enter')
    await reader.getByRole('heading', { level: 1, name: 'Activity log' }).waitFor()
  })

  it(
    'is told which right is missing where they may not even look',
    async () => {
      const { context, page: stranger } = await stage.signIn('sam@example.org', {}, REQUESTER)
      for (const path of ['/settings?tab=issuers', '/access-control?tab=users', '/access-control?tab=groups']) {
        await visit(path, stranger)
        await stranger.getByText('You do not have permission for this').waitFor()
        await stranger.getByText(/sam@example.org.*does not have authorization to perform action/).waitFor()
      }
      expect(await violationsOn(stranger)).toEqual([])
      await context.close()
    },
    PATIENCE,
  )

  it(
    'is told that a machine is protected where its policy is out of sight, and not that it is open',
    async () => {
      const { context, page: guest } = await stage.signIn('mia@example.org', {}, REQUESTER)
      await keepOnly('mia@example.org', machineId('db1'))
      await visit(`/machine?${search({ id: machineId('db1') })}`, guest)
      await guest.getByText('This machine is protected by a policy that you may not see').waitFor()
      await guest.getByText(/it takes .*initiate\/action at .*resourceGroups\/shop/).waitFor()
      expect(await violationsOn(guest)).toEqual([])
      await visit(`/request?${search({ machine: machineId('db1') })}`, guest)
      await guest.getByText('No policy that you may see protects db1').waitFor()
      await context.close()
    },
    PATIENCE,
  )

  it('is not offered to send a request that would be refused', async () => {
    await visit(`/request?${search({ machine: machineId('web1') })}`, reader)
    await reader.getByText(/You may not do this: it takes Microsoft.Security.*initiate\/action/).waitFor()
    expect(await reader.getByRole('button', { name: 'Open 1 port' }).isDisabled()).toBe(true)
  })

  it('is shown no button of the settings and of access control that would be refused', async () => {
    await visit('/settings?tab=audit', reader)
    await reader.getByText(/it takes Microsoft.Insights.* at \//).waitFor()
    expect(await reader.getByRole('button', { name: 'Verify now' }).isDisabled()).toBe(true)
    await visit('/settings?tab=plans', reader)
    await reader
      .getByText(/it takes Microsoft.Security\/pricings\/write/)
      .first()
      .waitFor()
    for (const path of ['/settings', '/settings?tab=hosts', '/access-control', '/access-control?tab=roles']) {
      await visit(path, reader)
      await reader.waitForLoadState('networkidle')
      expect(
        await reader.getByRole('button', { name: /^(Connect a cloud|Enroll|Add role|Create a custom)/ }).count(),
      ).toBe(0)
    }
  })
})

describe('somebody with a role at one host alone', () => {
  it(
    'is offered what the role allows there, and nothing at the others',
    async () => {
      const roles = '/providers/Microsoft.Authorization'
      const labeller = crypto.randomUUID()
      const actions = ['Microsoft.HybridCompute/machines/read', 'Microsoft.HybridCompute/machines/write']
      const properties = { roleName: 'Labeller', permissions: [{ actions }], assignableScopes: ['/'] }
      await stage.server.call('PUT', `${roles}/roleDefinitions/${labeller}?api-version=2022-04-01`, { properties })
      const { context, page: hal } = await stage.signIn('hal@example.org', {}, REQUESTER)
      const { id } = (await stage.server.call('GET', '/api/v1/hosts/rack1')).body
      await keepOnly('hal@example.org', id.replace(/\/providers\/.*/, ''))
      await assignTo('hal@example.org', id, labeller)
      await visit('/settings?tab=hosts', hal)
      await hal.getByRole('button', { name: 'Actions for rack1' }).press('Enter')
      const items = hal.getByRole('menuitem')
      await items.first().waitFor()
      expect(await items.allTextContents()).toEqual(['Edit labels'])
      await items.first().press('Enter')
      await hal.getByRole('textbox', { name: 'Labels' }).fill('env=prod site=ams')
      await hal.getByRole('button', { name: 'Save' }).click()
      await hal.getByRole('row', { name: /rack1 .*site=ams/ }).waitFor()
      expect(await hal.getByRole('row').count()).toBeGreaterThan(2)
      expect(await hal.getByRole('button', { name: /^Actions for/ }).count()).toBe(1)
      expect(await hal.getByRole('button', { name: 'Enroll a host' }).count()).toBe(0)
      await context.close()
    },
    PATIENCE,
  )
})

describe('saving two policies at once', () => {
  it('is done where the answer to the first was lost on the way, and nobody is told of a change by somebody else', async () => {
    await visit('/machines?tab=notConfigured')
    for (const name of ['legacy-ftp', 'win-ad-01']) await page.getByRole('checkbox', { name: `Select ${name}` }).check()
    await page.getByRole('link', { name: 'Enable JIT on 2 machines' }).click()
    await page.getByRole('button', { name: 'Review changes' }).click()
    let lost = 0
    await page.route(/\/resourceGroups\/shop\/.*jitNetworkAccessPolicies/, async (route) => {
      if (route.request().method() !== 'PUT' || lost++ > 0) return route.continue()
      await route.fetch()
      return route.abort('connectionreset')
    })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL(/\/machines/)
    expect(lost).toBe(1)
    const { body } = await stage.server.call('GET', '/api/v1/machines?top=50&category=configured')
    const names = body.value.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['legacy-ftp', 'win-ad-01']))
  })
})

/** The only role that `name` has from now on. */
async function keepOnly(name: string, scope: string): Promise<void> {
  const roles = '/providers/Microsoft.Authorization'
  const version = 'api-version=2022-04-01'
  const principalId = await idOfUser(name)
  const { body } = await stage.server.call('GET', `${roles}/roleAssignments?${version}`)
  for (const { id, properties } of body.value)
    if (properties.principalId === principalId) await stage.server.call('DELETE', `${id}?${version}`)
  await assignTo(name, scope, REQUESTER)
}

async function idOfUser(name: string): Promise<string> {
  const { body } = await stage.server.call('GET', '/api/v1/users')
  return body.value.find((user: { name: string }) => user.name === name).id
}

async function assignTo(name: string, scope: string, role: string): Promise<void> {
  const roles = '/providers/Microsoft.Authorization'
  const properties = { principalId: await idOfUser(name), roleDefinitionId: `${roles}/roleDefinitions/${role}` }
  const path = `${scope}${roles}/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`
  const { status } = await stage.server.call('PUT', path, { properties })
  if (status !== 201) throw new Error(`expected an assignment at ${scope}, got ${status}`)
}
