/** `sallyport login` with a real browser: the pages, their content security policy and the way back to this machine. */
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, startSignInServer, type SignInServer } from './installation.ts'
import { ALONE } from './type.ts'

let browser: Browser
let server: SignInServer

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  server = await startSignInServer()
  await server.addUser('ada@example.org')
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function signIn(address: string): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en' })).newPage()
  await page.goto(address)
  await page.getByLabel('Name').fill('ada@example.org')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: /^You are/ }).waitFor()
  return page
}

test('the page that is left in the browser says that the terminal is signed in', async () => {
  let page: Promise<Page> | undefined
  const outside = {
    ...ALONE,
    platform: 'darwin',
    launch: async (_: string, [address = '']: readonly string[]) => {
      page = signIn(address)
      return true
    },
  }
  const { exit, stderr } = await server.typed(`login --server ${server.url} --trust-ca ${server.caFile}`, { outside })
  expect([exit, stderr]).toEqual([0, expect.stringContaining('as ada@example.org')])
  const shown = await page
  expect(await shown?.innerText('body')).toBe('You are signed in. You can close this page.')
  expect(shown?.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?code=/)
})
