/** Who has rights that decide over others signs in with a one-time code, and sets one up on the way. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticatorFrom } from '../support/authenticator.ts'
import { openBrowser, type Browser, type Visited } from './browser.ts'
import { AZURE_CLI, PASSWORD, startIssuer, type Reply, type RunningIssuer } from './running-issuer.ts'

const REDIRECT = 'http://localhost:8400'
const PORTAL = '5a117907-0000-4000-8000-000000000002'

let issuer: RunningIssuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.stop())

const verifier = randomBytes(32).toString('base64url')

function program(client_id = AZURE_CLI, redirect_uri = REDIRECT): string {
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type: 'code',
    scope: `${issuer.url}//.default offline_access openid profile`,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return `/oauth2/authorize?${query.toString()}`
}

const portal = (): string => program(PORTAL, `${issuer.url}/auth/callback`)
const isIn = ({ location }: Visited): boolean =>
  /^http:\/\/localhost:8400\/?\?.*code=|\/auth\/callback\?code=/.test(location)

async function anAdministrator(name: string, more: object = {}): Promise<string> {
  const id = await issuer.addUser(name, more)
  issuer.administrators.add(id)
  return id
}

async function begin(name: string, browser: Browser, place = program()): Promise<Visited> {
  await browser.open(place)
  return browser.submit({ act: 'sign-in', name, password: PASSWORD })
}

async function enrol(browser: Browser, page: Visited): Promise<{ done: Visited; code: (now?: number) => string }> {
  const code = authenticatorFrom(page.text)
  return { done: await browser.submit({ act: 'enrol', code: code() }), code }
}

function byPassword(username: string, more: object = {}): Promise<Reply> {
  const scope = `${issuer.url}/.default offline_access`
  const form = { grant_type: 'password', client_id: AZURE_CLI, username, password: PASSWORD, scope, ...more }
  return issuer.ask('/adfs/oauth2/token', { form })
}

describe('an administrator without a one-time code', () => {
  it('sets one up while signing in, and needs it from then on', async () => {
    const id = await anAdministrator('ada@example.org')
    const browser = openBrowser(issuer)
    const page = await begin('ada@example.org', browser)
    expect(isIn(page)).toBe(false)
    expect(page.text).toContain('Set up a one-time code')
    expect(page.text).toMatch(/<svg [^>]*viewBox/)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    const { done, code } = await enrol(browser, page)
    expect(isIn(done)).toBe(true)
    expect((await issuer.store().reads.identity.user(id))?.totp?.sealed).toBeDefined()

    issuer.move(31_000)
    const again = openBrowser(issuer)
    expect((await begin('ada@example.org', again)).text).toContain('That did not work')
    const fields = { act: 'sign-in', name: 'ada@example.org', password: PASSWORD }
    expect(isIn(await again.submit({ ...fields, code: code() }))).toBe(true)
  })

  it('is let in only by a code of this moment, and a code is good for one sign-in', async () => {
    await anAdministrator('clumsy@example.org')
    const browser = openBrowser(issuer)
    const page = await begin('clumsy@example.org', browser)
    const code = authenticatorFrom(page.text)
    for (const wrong of ['000000', '', code(Date.now() - 120_000)]) {
      const answer = await browser.submit({ act: 'enrol', code: wrong })
      expect([isIn(answer), answer.status]).toEqual([false, 401])
      expect(authenticatorFrom(answer.text)()).toBe(code())
    }
    expect(isIn(await browser.submit({ act: 'enrol', code: code() }))).toBe(true)
    const second = openBrowser(issuer)
    await begin('clumsy@example.org', second)
    const fields = { act: 'sign-in', name: 'clumsy@example.org', password: PASSWORD }
    expect(isIn(await second.submit({ ...fields, code: code() }))).toBe(false)
  })

  it('who must choose a password does that first', async () => {
    await anAdministrator('new@example.org', { mustChangePassword: true })
    const browser = openBrowser(issuer)
    await begin('new@example.org', browser)
    const own = 'een heel nieuw wachtwoord'
    const page = await browser.submit({ act: 'choose', new: own, again: own })
    expect(isIn(page)).toBe(false)
    expect(isIn((await enrol(browser, page)).done)).toBe(true)
  })

  it('gets no token by name and password alone, and is told what to do', async () => {
    await anAdministrator('script@example.org')
    const { status, body } = await byPassword('script@example.org')
    expect([status, body.error]).toEqual([400, 'invalid_grant'])
    expect(body.error_description).toContain(`${issuer.url}/auth/sign-in`)
    expect(body.error_description).toContain('az login --use-device-code')
  })

  it('gets no token for what was begun before the rights were given', async () => {
    const id = await issuer.addUser('promoted@example.org')
    const browser = openBrowser(issuer)
    await begin('promoted@example.org', browser, portal())
    const { refresh_token } = (await byPassword('promoted@example.org')).body
    const form = { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token }
    const fresh = await issuer.ask('/adfs/oauth2/token', { form })
    expect(fresh.status).toBe(200)
    expect(isIn(await browser.open(portal()))).toBe(true)
    issuer.administrators.add(id)
    const late = { ...form, refresh_token: fresh.body.refresh_token }
    expect(await issuer.ask('/adfs/oauth2/token', { form: late })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    // The browser's session of before is not enough either.
    expect((await browser.open(portal())).text).toContain('Password')
    const page = await browser.submit({ act: 'sign-in', name: 'promoted@example.org', password: PASSWORD })
    expect(isIn((await enrol(browser, page)).done)).toBe(true)
    expect(isIn(await browser.open(portal()))).toBe(true)
  })

  it('cannot use a set-up page of another sign-in, of too long ago, or twice', async () => {
    await anAdministrator('late@example.org')
    const [first, second] = [openBrowser(issuer), openBrowser(issuer)]
    const page = await begin('late@example.org', first)
    const [, enrolment = ''] = /name="enrolment" value="([^"]*)"/.exec(page.text) ?? []
    const code = authenticatorFrom(page.text)
    await second.open(program())
    expect(isIn(await second.submit({ act: 'enrol', enrolment, code: code() }))).toBe(false)
    issuer.move(10 * 60_000)
    expect(isIn(await first.submit({ act: 'enrol', code: code() }))).toBe(false)

    const [third, fourth] = [openBrowser(issuer), openBrowser(issuer)]
    const pages = [await begin('late@example.org', third), await begin('late@example.org', fourth)]
    expect(isIn((await enrol(third, pages[0] ?? page)).done)).toBe(true)
    expect(isIn((await enrol(fourth, pages[1] ?? page)).done)).toBe(false)
  })

  it('who sets one up is on record, without the secret', async () => {
    const events = await issuer.store().reads.audit({ actions: ['user.code-changed'] }, { limit: 100 })
    const facts = events.map(({ actor, data }) => [actor, data])
    expect(facts).toContainEqual(['ada@example.org', JSON.stringify({ name: 'ada@example.org', by: 'the user' })])
  })

  it.each([
    ['nl', 'Een eenmalige code instellen'],
    ['zh-TW', '設定一次性驗證碼'],
  ])('reads it in %s', async (language, words) => {
    await anAdministrator(`${language.toLowerCase()}@example.org`)
    expect((await begin(`${language.toLowerCase()}@example.org`, openBrowser(issuer, language))).text).toContain(words)
  })
})

describe('a user without such rights', () => {
  it('signs in with a password alone', async () => {
    await issuer.addUser('plain@example.org')
    expect(isIn(await begin('plain@example.org', openBrowser(issuer)))).toBe(true)
    expect((await byPassword('plain@example.org')).status).toBe(200)
  })
})
