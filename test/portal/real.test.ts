/**
 * The whole way with nothing simulated: the real server over this kernel's firewall, in a network namespace of its own, a
 * real browser in another, and real connections through the port that the browser opens and closes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium, type Browser, type Page, type Locator } from 'playwright-core'
import { afterEach, expect, it } from 'vitest'
import { startKnocker } from '../demo/knocker.ts'
import { openSession, startSshd } from '../demo/ssh.ts'
import { HOST_SEEN_BY, setStage, type Stage } from '../demo/stage.ts'
import { newColleague, typeIn, type Caller } from './stage.ts'

const PATIENCE = 90_000
const root = join(import.meta.dirname, '../..')
const url = `https://${HOST_SEEN_BY.operator}:8470`
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

it(
  'opens a real port to a real browser, closes it at its word, and leaves the connection that was made',
  async () => {
    const stage = setStage()
    cleanups.push(() => stage.leave())
    startSshd(stage)
    const server = await startServer(stage)
    const page = await signedIn(stage, server)
    const [operator, stranger] = [startKnocker(stage, 'operator'), startKnocker(stage, 'stranger')]
    const isIn = (): Promise<boolean> => operator.knock(HOST_SEEN_BY.operator, 22, 700)
    const isStrangerIn = (): Promise<boolean> => stranger.knock(HOST_SEEN_BY.stranger, 22, 700)
    await expect.poll(isIn, { timeout: 5_000 }).toBe(true)

    await protect(page)
    expect([await isIn(), await isStrangerIn()]).toEqual([false, false])

    await page.goto(`${url}/request`)
    await page.getByRole('combobox', { name: 'Machines' }).press('ArrowDown')
    await page.getByRole('option').first().click()
    await page.getByLabel('Justification').fill('INC-9: nothing simulated')
    await page.getByRole('button', { name: 'Open 1 port' }).click()
    await page.getByText('ssh user@').first().waitFor()
    expect([await isIn(), await isStrangerIn()]).toEqual([true, false])
    const session = openSession(stage, 'operator', HOST_SEEN_BY.operator)
    expect(await session.echoes('while it is open', 5_000)).toBe(true)
    const connected = await machinePage(page)
    await connected.getByRole('row', { name: /ada@example.org .*22\/TCP .*Open/ }).waitFor()

    await page.goto(`${url}/my-access`)
    await page.getByRole('button', { name: /Extend: 22/ }).click()
    await page.getByRole('menuitem', { name: /2 hours from now/ }).click()
    await page
      .getByText(/now stays open until/)
      .first()
      .waitFor()
    expect([await isIn(), await isStrangerIn()]).toEqual([true, false])
    await page.getByRole('button', { name: /Close now: 22/ }).click()
    await page.getByText('You have nothing open').waitFor()
    expect([await isIn(), await isStrangerIn()]).toEqual([false, false])
    expect(await session.echoes('after it was closed', 5_000)).toBe(true)
    const outlived = await machinePage(page)
    await outlived.getByRole('row', { name: /ada@example.org .*22\/TCP .*Ended; the connection lives on/ }).waitFor()
    session.end()

    await refusedFor(page, '10 hours')
    expect([await isIn(), await isStrangerIn()]).toEqual([false, false])

    await page.goto(`${url}/activity`)
    for (const what of ['Access requested', 'Port opened', 'Access extended', 'Port closed'])
      await page.getByRole('button', { name: what }).first().waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download CSV' }).click()
    const csv = await readFile(await (await download).path(), 'utf8')
    for (const action of ['access.requested', 'access.opened', 'access.extended', 'access.closed'])
      expect(csv).toContain(action)
    expect(csv).toContain('INC-9: nothing simulated')
  },
  PATIENCE,
)

/** Who is connected, on the page of the only machine. */
async function machinePage(page: Page): Promise<Locator> {
  await page.goto(`${url}/machines`)
  await page.getByRole('table').getByRole('link').first().click()
  return page.getByRole('table', { name: 'Connected now' })
}

/** Just-in-time access to port 22 of the only machine. */
async function protect(page: Page): Promise<void> {
  await page.goto(`${url}/machines?tab=notConfigured`)
  await page.getByRole('table').getByRole('link').first().click()
  await page.getByRole('link', { name: 'Enable just-in-time' }).click()
  await page.getByLabel('Port', { exact: true }).first().fill('22')
  await page.getByRole('button', { name: 'Review changes' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(/\/machines/)
}

/** What the policy does not allow stands beside its field, and nothing is sent. */
async function refusedFor(page: Page, longer: string): Promise<void> {
  await page.goto(`${url}/request`)
  await page.getByRole('combobox', { name: 'Machines' }).press('ArrowDown')
  await page.getByRole('option').first().click()
  await page.getByRole('spinbutton', { name: 'Time in minutes' }).fill('600')
  await page
    .getByRole('alert')
    .getByText(/at most/)
    .waitFor()
  await page.getByText(longer).first().waitFor()
  expect(await page.getByRole('button', { name: 'Open 1 port' }).isDisabled()).toBe(true)
}

interface Server {
  readonly call: Caller
  readonly subscriptionId: string
}

async function startServer(stage: Stage): Promise<Server> {
  execFileSync(process.execPath, [join(root, 'script/build.ts')], { stdio: 'inherit' })
  const ready = join(stage.folder, 'ready.json')
  const place = ['--data', join(stage.folder, 'data'), '--listen', '0.0.0.0:8470', '--ready-file', ready]
  const command = [process.execPath, join(root, 'dist/sallyport.js'), 'server', ...place]
  const child = stage.spawn('host', [...command, '--tls', 'dev', '--public-url', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr?.on('data', (part: Buffer) => (log += part.toString()))
  for (const end = Date.now() + 20_000; !existsSync(ready); await pause(50))
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the server did not start: ${log}`)
  const facts = JSON.parse(await readFile(ready, 'utf8')) as Record<'subscriptionId' | 'adminTokenFile', string> // its own
  const token = (await readFile(facts.adminTokenFile, 'utf8')).trim()
  const call: Caller = async (method, path, body) => {
    const headers = ['-H', `authorization: Bearer ${token}`, '-H', 'content-type: application/json']
    const asked = ['-sSk', '-X', method, ...headers, '-w', '\n%{http_code}', '-d', JSON.stringify(body ?? {})]
    const answer = await stage.run('operator', ['curl', ...asked, url + path])
    const end = answer.lastIndexOf('\n')
    return { status: Number(answer.slice(end)), body: JSON.parse(answer.slice(0, end)) }
  }
  return { call, subscriptionId: facts.subscriptionId }
}

/** A browser on the operator's side of the wire, with somebody signed in. */
async function signedIn(stage: Stage, { call, subscriptionId }: Server): Promise<Page> {
  const name = 'ada@example.org'
  const password = await newColleague(call, name, { on: [subscriptionId] })
  const browser = await browserAt(stage)
  cleanups.push(() => browser.close())
  const page = await browser.newPage({ ignoreHTTPSErrors: true, locale: 'en' })
  page.setDefaultTimeout(15_000)
  await page.goto(`${url}/auth/sign-in?returnTo=/`)
  await typeIn(page, { name, password, isNew: true })
  // Chromium says on a page of its own why it could not go there; the address alone would not tell.
  await page.waitForURL(`${url}/`).catch(async (cause: unknown) => {
    throw new Error(`the sign-in ended at ${page.url()}: ${await page.locator('body').innerText()}`, { cause })
  })
  return page
}

/** Started through a file, because the browser's starter knows of no namespaces. */
async function browserAt(stage: Stage): Promise<Browser> {
  const starter = join(stage.folder, 'chromium')
  await writeFile(starter, `#!/bin/sh\nexec ip netns exec ${stage.name('operator')} /usr/bin/chromium "$@"\n`)
  await chmod(starter, 0o755)
  return chromium.launch({ executablePath: starter, args: ['--no-sandbox', '--disable-gpu'] })
}
