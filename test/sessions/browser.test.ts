/** People sign in with a real browser: at the installation's own issuer and at another, and other pages try to misuse it. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { violationsOn } from '../portal/axe.ts'
import { serveHere, type ServedHere } from '../support/serve-here.ts'

const COOKIE = '__Host-sallyport-session'
const PASSWORD = 'a long enough phrase'
const SECRET = 'a secret of at least thirty-two characters'

let browser: Browser
let server: ServedHere
let url: string
let other: OtherIssuer
let context: BrowserContext
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  other = await startOtherIssuer()
  server = await serveHere((port) => ({ tls: 'dev', publicUrl: `https://localhost:${port}` }))
  url = `https://localhost:${server.port}`
  other.letIn(url)
  const file = join(server.folder, 'client-secret')
  await writeFile(file, `${SECRET}\n`, { mode: 0o600 })
  const claims = { objectId: 'sub', name: 'email' }
  const browserSignIn = { clientId: 'sallyport', clientSecretFile: file }
  await server.restart({
    issuers: [{ issuer: other.url, audiences: 'sallyport', claims, prefix: 'other:', browserSignIn }],
  })
})
afterAll(async () => {
  await browser.close()
  await server.stop()
  await other.stop()
})

beforeEach(async () => {
  context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en' })
  page = await context.newPage()
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text())
  })
})
afterEach(() => context.close())

/** By the bootstrap administrator; without a browser's cookies. */
async function administer(method: string, path: string, body: object): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' }
  const plain = await browser.newContext({ ignoreHTTPSErrors: true })
  const answer = await plain.request.fetch(url + path, { method, headers, data: JSON.stringify(body) })
  const read = await answer.json()
  await plain.close()
  expect([path, answer.status()]).toEqual([path, 200])
  return read
}

async function newUser(name: string): Promise<string> {
  return (await administer('POST', '/api/v1/users', { name }))['password'] ?? ''
}

async function typeIn(password: string, name: string, at: Page = page): Promise<void> {
  await at.getByLabel('Name').fill(name)
  await at.getByLabel('Password', { exact: true }).fill(password)
  await at.getByRole('button', { name: 'Sign in' }).click()
}

/** A new user, signed in with a password of their own, back at the page that was asked for. */
async function signIn(name: string, at: Page = page): Promise<void> {
  const password = await newUser(name)
  await at.goto(`${url}/auth/sign-in?returnTo=${encodeURIComponent('/healthz?from=sign-in')}`)
  await typeIn(password, name, at)
  await at.getByLabel('New password', { exact: true }).fill(PASSWORD)
  await at.getByLabel('New password again').fill(PASSWORD)
  await at.getByRole('button', { name: 'Change your password' }).click()
  await at.waitForURL(`${url}/healthz?from=sign-in`)
}

async function sessionCookie(): Promise<{ value: string } | undefined> {
  return (await context.cookies()).find(({ name }) => name === COOKIE)
}

async function whoIsIn(): Promise<string | number> {
  const answer = await context.request.get(`${url}/auth/session`)
  return answer.status() === 200 ? (await answer.json()).name : answer.status()
}

/** As a script of a page of this server calls. */
async function call(method: string, path: string): Promise<number> {
  const { csrfToken } = await (await context.request.get(`${url}/auth/session`)).json()
  const headers = { 'x-csrf-token': csrfToken, origin: url }
  return (await context.request.fetch(url + path, { method, headers })).status()
}

describe('at the installation’s own issuer', () => {
  it('a person signs in, chooses a password, and comes back to the page that was asked for', async () => {
    await signIn('ada@example.org')
    expect(await whoIsIn()).toBe('ada@example.org')
    expect(await sessionCookie()).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      path: '/',
      expires: -1,
    })
    const kept = (await context.cookies()).map(({ name }) => name)
    expect(kept.filter((name) => name.includes('sign-in'))).toEqual([])
  })

  it('its pages load their style, and nothing is kept back by their own policy', async () => {
    await page.goto(`${url}/auth/sign-in`)
    const answer = await page.reload()
    const policy = answer?.headers()['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(policy).not.toContain('sha256')
    expect(answer?.headers()).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    expect(await page.locator('style, [style], script').count()).toBe(0)
    expect(await page.evaluate(`getComputedStyle(document.querySelector('main')).borderRadius`)).toBe('8px')
    expect(complaints).toEqual([])
  })

  it('signing out asks for the password again, here and at the issuer', async () => {
    await signIn('grace@example.org')
    await page.goto(`${url}/auth/sign-in?returnTo=/healthz`)
    await page.waitForURL(`${url}/healthz`) // the issuer still knew who it was
    const stolen = await context.cookies()
    expect(await call('POST', '/auth/sign-out')).toBe(200)
    expect(await whoIsIn()).toBe(401)
    await context.addCookies(stolen)
    expect(await whoIsIn()).toBe(401)
    await page.goto(`${url}/auth/sign-in?returnTo=/healthz`)
    expect(await page.getByLabel('Password', { exact: true }).isVisible()).toBe(true)
  })

  it('two tabs may sign in at once', async () => {
    const password = await newUser('tabs@example.org')
    const second = await context.newPage()
    await page.goto(`${url}/auth/sign-in?returnTo=/healthz?tab=1`)
    await second.goto(`${url}/auth/sign-in?returnTo=/healthz?tab=2`)
    await typeIn(password, 'tabs@example.org', second)
    await second.getByLabel('New password', { exact: true }).fill(PASSWORD)
    await second.getByLabel('New password again').fill(PASSWORD)
    await second.getByRole('button', { name: 'Change your password' }).click()
    await second.waitForURL(`${url}/healthz?tab=2`)
    await typeIn(PASSWORD, 'tabs@example.org')
    await page.waitForURL(`${url}/healthz?tab=1`)
    expect(await whoIsIn()).toBe('tabs@example.org')
  })

  it('an id that somebody else put into the browser is not gone on with', async () => {
    await signIn('mallory@example.org')
    const planted = (await sessionCookie())?.value ?? ''
    await signIn('victim@example.org', await freshPageWith(planted))
    const { value } = (await sessionCookie()) ?? {}
    expect(value).not.toBe(planted)
    expect(await whoIsIn()).toBe('victim@example.org')
    await context.clearCookies()
    await plant(planted)
    expect(await whoIsIn()).toBe(401)
  })

  it('who cancels is told so, and can begin again', async () => {
    await page.goto(`${url}/auth/sign-in`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForURL(`${url}/auth/callback?**`)
    expect(await page.textContent('body')).toContain('access_denied: the user cancelled')
    await page.getByRole('link', { name: 'Sign in again' }).click()
    expect(await page.getByLabel('Password', { exact: true }).isVisible()).toBe(true)
  })

  it.each([
    { locale: 'en', lang: 'en', again: 'Sign in again' },
    { locale: 'nl', lang: 'nl', again: 'Opnieuw aanmelden' },
    { locale: 'zh-TW', lang: 'zh-Hant', again: '重新登入' },
  ])('and in the language of the browser ($locale), where axe objects to nothing', async ({ locale, lang, again }) => {
    const own = await browser.newContext({ ignoreHTTPSErrors: true, locale })
    const failed = await own.newPage()
    await failed.goto(`${url}/auth/callback?code=x&state=of-nobody`)
    expect(await failed.getAttribute('html', 'lang')).toBe(lang)
    expect(await violationsOn(failed)).toEqual([])
    await failed.getByRole('link', { name: again }).click()
    expect(await failed.locator('input[type=password]').isVisible()).toBe(true)
    await own.close()
  })
})

async function plant(value: string): Promise<void> {
  await context.addCookies([{ name: COOKIE, value, url, secure: true, httpOnly: true, sameSite: 'Strict' }])
}

/** The victim's: nothing in it but what was planted. */
async function freshPageWith(planted: string): Promise<Page> {
  await context.clearCookies()
  await plant(planted)
  return page
}

describe('the way back', () => {
  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/auth/sign-out'])(
    'never leads to %s',
    async (returnTo) => {
      const answer = await context.request.get(`${url}/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`, {
        maxRedirects: 0,
      })
      expect([answer.status(), (await answer.json()).error.code]).toEqual([400, 'InvalidReturnTo'])
    },
  )

  it('is open only to the browser that began, and once', async () => {
    await signIn('code@example.org')
    const step = async (address: string): Promise<string> =>
      (await context.request.get(address, { maxRedirects: 0 })).headers()['location'] ?? ''
    // The issuer knows the person by now, and asks for nothing.
    const callback = await step(await step(`${url}/auth/sign-in`))
    expect(callback).toMatch(/\/auth\/callback\?code=/)
    // Somebody else's browser, led to it by a link: it would be signed in as the attacker.
    const victim = await browser.newContext({ ignoreHTTPSErrors: true })
    expect((await victim.request.get(callback, { maxRedirects: 0 })).status()).toBe(401)
    await victim.close()
    const wrongState = callback.replace(/state=([^&]{12})[^&]*/, 'state=$1-and-something-else')
    expect((await context.request.get(wrongState, { maxRedirects: 0 })).status()).toBe(401)
    // A sign-in that was tampered with is over.
    expect((await context.request.get(callback, { maxRedirects: 0 })).status()).toBe(401)
    const another = await step(await step(`${url}/auth/sign-in`))
    expect((await context.request.get(another, { maxRedirects: 0 })).status()).toBe(303)
    expect((await context.request.get(another, { maxRedirects: 0 })).status()).toBe(401)
  })
})

describe('a page of somebody else', () => {
  let attacker: Server
  let lair: string

  beforeAll(async () => {
    attacker = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<form method="post" action="${url}/auth/sign-out"><button>Win a prize</button></form>`)
    })
    await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
    // The same site as far as cookies go: browsers do not tell ports apart.
    lair = `http://localhost:${(attacker.address() as AddressInfo).port}/` // it listens on TCP
  })
  afterAll(() => void attacker.close())

  it('cannot sign anybody out by a form or by a script, though the browser sends the cookie along', async () => {
    await signIn('target@example.org')
    await page.goto(lair)
    await page.getByRole('button').click()
    await page.waitForURL(`${url}/auth/sign-out`)
    expect(await page.textContent('body')).toMatch(/ForgedCall|UnsupportedMediaType|AuthenticationFailed/)
    await page.goto(lair)
    await page.evaluate(async (target) => {
      const init = { method: 'POST', mode: 'no-cors', credentials: 'include' } as const
      await fetch(`${target}/auth/sign-out`, init)
      await fetch(`${target}/api/v1/sessions/sign-out-everywhere`, init)
    }, url)
    expect(await whoIsIn()).toBe('target@example.org')
  })

  it('cannot read who is signed in', async () => {
    await signIn('read@example.org')
    await page.goto(lair)
    const seen = await page.evaluate(
      (target) =>
        fetch(`${target}/auth/session`, { credentials: 'include' }).then(
          (answer) => answer.text(),
          () => 'kept back',
        ),
      url,
    )
    expect(seen).toBe('kept back')
  })

  it('cannot put a page of ours into a frame', async () => {
    await page.goto(lair)
    await page.setContent(`<iframe src="${url}/oauth2/password"></iframe>`)
    await expect.poll(() => page.frames().length).toBe(2)
    const framed = page.frames()[1]
    await framed?.waitForLoadState()
    expect(await framed?.locator('form').count()).toBe(0)
  })
})

interface OtherIssuer {
  readonly url: string
  /** Whose callback is known from now on. */
  letIn(server: string): void
  stop(): Promise<void>
}

/** Somebody else's issuer, by the same library; any name and password will do. */
async function startOtherIssuer(): Promise<OtherIssuer> {
  let provider: Provider | undefined
  const listener = createServer((request, response) => void provider?.callback()(request, response))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const place = `http://127.0.0.1:${(listener.address() as AddressInfo).port}` // it listens on TCP
  return {
    url: place,
    letIn: (server) => {
      provider = new Provider(place, {
        clients: [{ client_id: 'sallyport', client_secret: SECRET, redirect_uris: [`${server}/auth/callback`] }],
        clientAuthMethods: ['client_secret_post'],
        clientDefaults: { token_endpoint_auth_method: 'client_secret_post' },
        claims: { openid: ['sub', 'email', 'groups'] },
        conformIdTokenClaims: false,
        findAccount: (_, sub) => ({
          accountId: sub,
          claims: () => ({ sub, email: `${sub}@other.example`, groups: ['staff'] }),
        }),
      })
    },
    stop: async () => {
      listener.closeAllConnections()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

describe('at another issuer', () => {
  it('a person signs in, and is who that issuer says, under its prefix', async () => {
    await page.goto(`${url}/auth/sign-in?returnTo=/healthz&issuer=${encodeURIComponent(other.url)}`)
    await page.locator('input[name=login]').fill('ada')
    await page.locator('input[name=password]').fill('anything')
    await page.locator('button').click()
    await page.locator('button', { hasText: 'Continue' }).click()
    await page.waitForURL(`${url}/healthz`)
    const { name, principals } = await (await context.request.get(`${url}/auth/session`)).json()
    expect([name, principals]).toEqual(['ada@other.example', ['other:ada', 'other:staff']])
    expect(await sessionCookie()).toMatchObject({ sameSite: 'Strict' })
    expect(await call('POST', '/auth/sign-out')).toBe(200)
    expect(await whoIsIn()).toBe(401)
  })

  it('that is not configured for browsers nobody signs in', async () => {
    const answer = await context.request.get(`${url}/auth/sign-in?issuer=https://evil.example`, { maxRedirects: 0 })
    expect(answer.status()).toBe(404)
  })
})

describe('without HTTPS, on this machine alone', () => {
  it('a person signs in with a cookie that has no prefix and names the port', async () => {
    const plain = await serveHere(() => ({}))
    const here = `http://127.0.0.1:${plain.port}`
    const headers = { authorization: `Bearer ${plain.adminToken}`, 'content-type': 'application/json' }
    const data = JSON.stringify({ name: 'plain@example.org' })
    const made = await fetch(`${here}/api/v1/users`, { method: 'POST', headers, body: data })
    const { password } = (await made.json()) as { password: string } // as it is documented
    // By another name of this machine: the browser is led to the one that cookies and issuer know.
    await page.goto(`http://localhost:${plain.port}/auth/sign-in?returnTo=/healthz`)
    await typeIn(password, 'plain@example.org')
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('New password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Change your password' }).click()
    await page.waitForURL(`${here}/healthz`)
    const cookies = await context.cookies(here)
    const mine = cookies.find(({ name }) => name === `sallyport-${plain.port}-session`)
    expect(mine).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: false })
    await plain.stop()
  })
})

describe('on a server that listens on every address and was not told its name', () => {
  it('a person signs in at the address that they typed, and is signed in there alone', async () => {
    const all = await serveHere((port) => ({ listen: `0.0.0.0:${port}` }))
    const [secure, plain] = [`https://127.0.0.1:${all.port}`, `http://localhost:${all.port}`]
    const headers = { authorization: `Bearer ${all.adminToken}`, 'content-type': 'application/json' }
    const data = JSON.stringify({ name: 'ada@example.org' })
    const made = await fetch(`${plain}/api/v1/users`, { method: 'POST', headers, body: data })
    const { password } = (await made.json()) as { password: string } // as it is documented
    await page.goto(`${secure}/auth/sign-in?returnTo=/healthz`)
    await typeIn(password, 'ada@example.org')
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('New password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Change your password' }).click()
    await page.waitForURL(`${secure}/healthz`)
    expect(await sessionCookie()).toMatchObject({ secure: true, sameSite: 'Strict' })
    const { name, issuer, csrfToken } = await (await context.request.get(`${secure}/auth/session`)).json()
    expect([name, new URL(issuer).origin]).toEqual(['ada@example.org', secure])
    expect((await context.request.get(`${plain}/auth/session`)).status()).toBe(401)
    await page.goto(`${plain}/auth/sign-in?returnTo=/healthz`)
    await typeIn(PASSWORD, 'ada@example.org')
    await page.waitForURL(`${plain}/healthz`)
    expect((await (await context.request.get(`${plain}/auth/session`)).json()).name).toBe('ada@example.org')
    const answer = await context.request.post(`${secure}/auth/sign-out`, {
      headers: { 'x-csrf-token': csrfToken, origin: secure },
    })
    expect(answer.status()).toBe(200)
    expect((await context.request.get(`${secure}/auth/session`)).status()).toBe(401)
    expect((await context.request.get(`${plain}/auth/session`)).status()).toBe(200)
    await all.stop()
  })
})
