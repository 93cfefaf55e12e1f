/** The built portal on the real server, over simulated machines, in a real browser, with somebody signed in. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { FLEET_SUBSCRIPTION, startServerProcess, type ServerProcess } from '../support/server-process.ts'
import { inboundRule } from '../support/inbound-rule.ts'

const root = join(import.meta.dirname, '../..')
const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
export const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const PASSWORD = 'a long enough phrase'

export interface Stage {
  readonly server: ServerProcess
  readonly browser: Browser
  /** A browser of its own with `name` signed in, at first as a contributor unless told otherwise. */
  signIn(
    name: string,
    options?: Parameters<Browser['newContext']>[0],
    role?: string,
  ): Promise<{ context: BrowserContext; page: Page }>
  stop(): Promise<void>
}

/** By somebody who may make users. */
export type Caller = ServerProcess['call']

export function machineId(name: string, group = 'shop'): string {
  return `/subscriptions/${FLEET_SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`
}

export async function startStage(machines: readonly object[] = fleet()): Promise<Stage> {
  // Builds what is not built yet, and nothing while others use it.
  execFileSync(join(root, 'bin/sallyport'), ['--version'])
  const server = await startServerProcess({ script: join(root, 'dist/sallyport.js'), machines, config: surroundings })
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const known = new Set<string>()
  return {
    server,
    browser,
    signIn: async (name, options, role) => {
      const password = known.has(name)
        ? PASSWORD
        : await newColleague((...asked) => server.call(...asked), name, {
            // A subscription without a machine is none.
            on: [...(machines.length > 0 ? [FLEET_SUBSCRIPTION] : []), server.subscriptionId],
            role,
          })
      const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en', ...options })
      const page = await context.newPage()
      await page.goto(`${server.url}/auth/sign-in?returnTo=/`)
      await typeIn(page, { name, password, isNew: !known.has(name) })
      known.add(name)
      await page.waitForURL(`${server.url}/`).catch(async (cause: unknown) => {
        throw new Error(`signing in ended at ${page.url()}: ${await page.innerText('body')}`, { cause })
      })
      return { context, page }
    },
    stop: async () => {
      await browser.close()
      await server.stop()
    },
  }
}

/** Returns the first password, which its user replaces at the first sign-in. */
export async function newColleague(
  call: Caller,
  name: string,
  { on: subscriptions, role = CONTRIBUTOR }: { readonly on: readonly string[]; readonly role?: string | undefined },
): Promise<string> {
  const { body } = await call('POST', '/api/v1/users', { name })
  for (const subscription of subscriptions) {
    const scope = `/subscriptions/${subscription}`
    const assignment = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`
    const properties = {
      principalId: body.user.id,
      roleDefinitionId: `${scope}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    }
    const answer = await call('PUT', assignment, { properties })
    if (answer.status !== 201)
      throw new Error(`expected an assignment, got ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  return body.password
}

interface Typed {
  readonly name: string
  readonly password: string
  readonly isNew: boolean
}

export async function typeIn(page: Page, { name, password, isNew }: Typed): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  if (!isNew) return
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('New password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Change your password' }).click()
}

/** What an administrator looks at: one that receives the audit trail and one that does not, an issuer that is away. */
function surroundings(folder: string): object {
  const nobody = 'http://127.0.0.1:65530'
  return {
    agentListen: '127.0.0.1:0',
    auditSinks: [
      { name: 'archive', type: 'file', path: join(folder, 'streamed.jsonl') },
      { name: 'siem', type: 'syslog', address: '127.0.0.1:9' },
    ],
    issuers: [{ issuer: nobody, audiences: 'https://jit.example.org', prefix: 'ci:', claims: { objectId: 'sub' } }],
  }
}

/** Machines of every kind that the pages tell apart. */
function fleet(): object[] {
  const linux = ['web1', 'web2', 'db1', 'build-agent-7'].map((name, order) => machine(name, { order, os: 'Linux' }))
  const windows = ['jumphost', 'win-ad-01'].map((name, order) =>
    machine(name, { order: order + 20, os: 'Windows', group: 'office' }),
  )
  const open = machine('legacy-ftp', { order: 40, os: 'Linux', rules: [inboundRule('allow-ssh', { priority: 1_000 })] })
  const bare = { id: machineId('no-firewall'), location: 'westeurope', os: 'Linux', nics: [{ privateIp: '10.0.9.9' }] }
  return [...linux, ...windows, open, bare]
}

interface Sort {
  readonly order: number
  readonly os: 'Linux' | 'Windows'
  readonly group?: string
  readonly rules?: readonly object[]
}

function machine(name: string, { order, os, group = 'shop', rules = [] }: Sort): object {
  return {
    id: machineId(name, group),
    location: 'westeurope',
    os,
    nics: [
      {
        privateIp: `10.0.0.${order + 4}`,
        publicIp: `203.0.113.${order + 4}`,
        nsg: { name: `${name}-nsg`, securityRules: rules },
      },
    ],
  }
}
