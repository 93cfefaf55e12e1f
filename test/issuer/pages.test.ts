import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt } from '../../src/issuer/one-time-code.ts'
import { attemptsKey, totpPurpose } from '../../src/issuer/sign-in.ts'
import { openBrowser, type Browser, type Visited } from './browser.ts'
import { AZURE_CLI, PASSWORD, startIssuer, TENANT, type Reply, type RunningIssuer } from './running-issuer.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const REDIRECT = 'http://localhost:8400'
const PORTAL = '5a117907-0000-4000-8000-000000000002'

describe('in a browser', () => {
  let issuer: RunningIssuer
  let scope: string
  beforeAll(async () => {
    issuer = await startIssuer()
    scope = `${issuer.url}//.default offline_access openid profile`
  })
  afterAll(() => issuer.stop())

  const verifier = randomBytes(32).toString('base64url')

  function authorizeAt(place: string, more: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      client_id: AZURE_CLI,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope,
      state: 'some state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    })
    return `${place}/authorize?${query.toString()}`
  }

  function redeem(visited: Visited, more: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const code = new URL(visited.location).searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', client_id: AZURE_CLI, redirect_uri: REDIRECT, code, scope }
    return issuer.ask('/adfs/oauth2/token', { form: { ...form, code_verifier: verifier, client_info: '1', ...more } })
  }

  describe('the authorization code with PKCE, as az login', () => {
    it.each([
      ['ADFS', '/adfs/oauth2'],
      ['Entra', `/${TENANT}/oauth2/v2.0`],
    ])('at the %s address leads from the sign-in to tokens', async (shape, place) => {
      const name = `${shape.toLowerCase()}@example.org`
      const id = await issuer.addUser(name)
      const browser = openBrowser(issuer)
      const page = await browser.open(authorizeAt(place, { prompt: 'select_account', login_hint: name }))
      expect(page.status).toBe(200)
      expect(page.text).toContain('to continue in Azure CLI')
      expect(page.text).toContain(`value="${name}"`)
      const back = await browser.submit({ act: 'sign-in', name, password: PASSWORD })
      expect(back.location).toMatch(/^http:\/\/localhost:8400\/?\?/)
      expect(new URL(back.location).searchParams.get('state')).toBe('some state')
      const reply = await redeem(back)
      expect(reply.body).toMatchObject({ refresh_token: expect.any(String), client_info: expect.any(String) })
      expect(await issuer.claimsOf(reply.body.access_token)).toMatchObject({ oid: id, aud: issuer.url })
      expect(await redeem(back)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    })

    it('gives nothing to who intercepted the code alone', async () => {
      await issuer.addUser('c1@example.org')
      const browser = openBrowser(issuer)
      await browser.open(authorizeAt('/adfs/oauth2'))
      const back = await browser.submit({ act: 'sign-in', name: 'c1@example.org', password: PASSWORD })
      expect((await redeem(back, { code_verifier: randomBytes(32).toString('base64url') })).status).toBe(400)
    })

    it('is refused without PKCE, and never leads to an address that is not the program’s', async () => {
      const browser = openBrowser(issuer)
      const plain = await browser.open(authorizeAt('/adfs/oauth2', { code_challenge: '', code_challenge_method: '' }))
      expect(plain.location).toContain('error=invalid_request')
      const evil = await browser.open(authorizeAt('/adfs/oauth2', { redirect_uri: 'https://evil.example' }))
      expect(evil.status).toBe(400)
      expect(evil.location).not.toContain('evil.example?')
    })

    it('asks a native program’s user to sign in every time, and the portal’s only once', async () => {
      await issuer.addUser('c2@example.org')
      const browser = openBrowser(issuer)
      const portal = { client_id: PORTAL, redirect_uri: `${issuer.url}/auth/callback` }
      await browser.open(authorizeAt('/oauth2', portal))
      const first = await browser.submit({ act: 'sign-in', name: 'c2@example.org', password: PASSWORD })
      expect(first.location).toContain('/auth/callback?code=')
      expect((await browser.open(authorizeAt('/oauth2', portal))).location).toContain('/auth/callback?code=')
      expect((await browser.open(authorizeAt('/oauth2'))).text).toContain('Sign in')
    })

    it('a cancelled sign-in says so to the program', async () => {
      const browser = openBrowser(issuer)
      await browser.open(authorizeAt('/adfs/oauth2'))
      expect((await browser.submit({ act: 'cancel' })).location).toContain('error=access_denied')
    })
  })

  it('an old or foreign page is explained, not shown', async () => {
    const visited = await openBrowser(issuer, 'nl').open('/oauth2/interaction/unknown')
    expect(visited.status).toBe(400)
    expect(visited.text).toContain('Begin opnieuw')
  })

  describe('the device code', () => {
    function ask(place = '/adfs/oauth2'): Promise<Reply> {
      return issuer.ask(`${place}/devicecode`, { form: { client_id: AZURE_CLI, scope, client_info: '1' } })
    }

    function poll(device_code: string): Promise<Reply> {
      const form = { grant_type: DEVICE_GRANT, client_id: AZURE_CLI, device_code, client_info: '1' }
      return issuer.ask('/adfs/oauth2/token', { form })
    }

    async function confirm(browser: Browser, code: Reply, name: string): Promise<Visited> {
      const start = await browser.open(code.body.verification_uri)
      expect(start.text).toContain('Type the code that the program shows')
      const sure = await browser.submit({ user_code: code.body.user_code.toLowerCase() })
      expect(sure.text).toContain(code.body.user_code)
      await browser.submit({ confirm: 'yes' })
      return browser.submit({ act: 'sign-in', name, password: PASSWORD })
    }

    it.each(['/adfs/oauth2', `/${TENANT}/oauth2/v2.0`])('at %s signs a program in on another screen', async (place) => {
      const name = `device${place.length}@example.org`
      const id = await issuer.addUser(name)
      const code = await ask(place)
      expect(code.body).toMatchObject({ expires_in: 900, interval: 5, verification_uri: `${issuer.url}/oauth2/device` })
      expect(code.body.message).toContain(code.body.user_code)
      expect((await poll(code.body.device_code)).body.error).toBe('authorization_pending')
      const done = await confirm(openBrowser(issuer), code, name)
      expect(done.text).toContain('You are signed in.')
      const reply = await poll(code.body.device_code)
      expect(await issuer.claimsOf(reply.body.access_token)).toMatchObject({ oid: id, aud: issuer.url })
      expect(reply.body).toMatchObject({ id_token: expect.any(String), refresh_token: expect.any(String) })
      expect((await poll(code.body.device_code)).status).toBe(400)
    })

    it('refused on the page is refused to the program', async () => {
      const code = await ask()
      const browser = openBrowser(issuer)
      await browser.open(code.body.verification_uri)
      await browser.submit({ user_code: code.body.user_code })
      expect((await browser.submit({ abort: 'yes' })).text).toContain('Nothing was signed in.')
      expect((await poll(code.body.device_code)).body.error).toBe('access_denied')
    })

    it('that is not there, or has ended, is explained', async () => {
      const code = await ask()
      const browser = openBrowser(issuer, 'zh-TW,zh;q=0.9')
      await browser.open(code.body.verification_uri)
      expect((await browser.submit({ user_code: 'AAAA-BBBB' })).text).toContain('沒有這個代碼')
      issuer.move(901_000)
      await browser.open(code.body.verification_uri)
      expect((await browser.submit({ user_code: code.body.user_code })).status).not.toBe(500)
      expect((await poll(code.body.device_code)).status).toBe(400)
    })
  })

  describe('a sign-in', () => {
    async function tryIn(name: string, fields: Readonly<Record<string, string>>): Promise<Visited> {
      const browser = openBrowser(issuer)
      await browser.open(authorizeAt('/adfs/oauth2'))
      return browser.submit({ act: 'sign-in', name, ...fields })
    }
    const isIn = (visited: Visited): boolean => visited.location.startsWith(REDIRECT)

    it('tells nobody which names there are: wrong, unknown, disabled and locked read the same', async () => {
      await issuer.addUser('known@example.org')
      await issuer.addUser('off@example.org', { disabledAt: 1 })
      const tries = [
        await tryIn('known@example.org', { password: 'wrong password 1' }),
        await tryIn('unknown@example.org', { password: 'wrong password 1' }),
        await tryIn('off@example.org', { password: PASSWORD }),
      ]
      const [page] = new Set(tries.map(({ text }) => text.replaceAll(/(value|action)="[^"]*"/g, '')))
      expect(new Set(tries.map(({ text }) => text.replaceAll(/(value|action)="[^"]*"/g, ''))).size).toBe(1)
      expect(page).toContain('That did not work')
      expect(tries.map(({ status }) => status)).toEqual([401, 401, 401])
    })

    it('after five wrong passwords waits, for names that nobody has too, and lets the owner in afterwards', async () => {
      await issuer.addUser('locked@example.org')
      for (const name of ['locked@example.org', 'nobody@example.org'])
        for (let tried = 0; tried < 5; tried += 1) await tryIn(name, { password: 'wrong password 1' })
      expect(isIn(await tryIn('LOCKED@example.org', { password: PASSWORD }))).toBe(false)
      issuer.move(29_000)
      expect(isIn(await tryIn('locked@example.org', { password: PASSWORD }))).toBe(false)
      issuer.move(1_001)
      expect(isIn(await tryIn('locked@example.org', { password: PASSWORD }))).toBe(true)
      const reads = issuer.store().reads.identity
      expect((await reads.attempts(attemptsKey(issuer.sealer, 'nobody@example.org')))?.failures).toBe(5)
      expect((await reads.attempts(attemptsKey(issuer.sealer, 'locked@example.org')))?.failures).toBe(0)
    })

    it('is in the audit trail with its reason, and never with what was typed', async () => {
      await tryIn('my secret password', { password: 'another secret' })
      const events = await issuer.store().reads.audit({ actions: ['signin.failed'] }, { limit: 1000 })
      const last = events.at(-1)
      expect(last).toMatchObject({ actor: '', target: '', address: expect.stringMatching(/127|::1/) })
      expect(last?.data).toContain('no such user')
      expect(JSON.stringify(events)).not.toContain('secret')
      const succeeded = await issuer.store().reads.audit({ actions: ['signin.succeeded'] }, { limit: 1000 })
      expect(succeeded.map(({ actor }) => actor)).toContain('locked@example.org')
    })

    it('keeps nowhere what was typed as a name that nobody has: it may be a password in the wrong field', async () => {
      await tryIn('Correct-Horse-Battery', { password: 'whatever' })
      const files = readdirSync(issuer.folder).filter((name) => name.startsWith('sallyport.db'))
      const kept = files.map((name) => readFileSync(join(issuer.folder, name)).toString('latin1').toLowerCase())
      expect(kept.join('')).toContain('no such user')
      expect(kept.join('')).not.toContain('correct-horse')
    })

    it('with a one-time code wants a right one, once; az login -u -p does not get past it', async () => {
      const secret = randomBytes(20)
      const id = crypto.randomUUID()
      const sealed = issuer.sealer.seal(secret.toString('base64url'), totpPurpose(id))
      await issuer.addUser('admin@example.org', { id, totp: { sealed, lastStep: 0 } })
      const code = (): string => codeAt(secret, Math.floor(Date.now() / 30_000))
      const form = { grant_type: 'password', client_id: AZURE_CLI, username: 'admin@example.org', password: PASSWORD }
      expect(await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope } })).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_codes: [50_126] },
      })
      expect(isIn(await tryIn('admin@example.org', { password: PASSWORD }))).toBe(false)
      expect(isIn(await tryIn('admin@example.org', { password: PASSWORD, code: '000000' }))).toBe(false)
      expect(isIn(await tryIn('admin@example.org', { password: PASSWORD, code: code() }))).toBe(true)
      expect(isIn(await tryIn('admin@example.org', { password: PASSWORD, code: code() }))).toBe(false)
      issuer.move(31_000)
      expect(isIn(await tryIn('admin@example.org', { password: PASSWORD, code: code() }))).toBe(true)
    })

    it('of a new user goes through a password of their own', async () => {
      await issuer.addUser('new@example.org', { mustChangePassword: true })
      const browser = openBrowser(issuer)
      await browser.open(authorizeAt('/adfs/oauth2'))
      const page = await browser.submit({ act: 'sign-in', name: 'new@example.org', password: PASSWORD })
      expect(page.text).toContain('Choose a password of your own')
      expect((await browser.submit({ act: 'choose', new: 'short', again: 'short' })).text).toContain('12 to 256')
      expect((await browser.submit({ act: 'choose', new: 'a', again: 'b' })).text).toContain('differ')
      const own = 'een heel nieuw wachtwoord'
      expect(isIn(await browser.submit({ act: 'choose', new: own, again: own }))).toBe(true)
      expect(isIn(await tryIn('new@example.org', { password: PASSWORD }))).toBe(false)
      expect(isIn(await tryIn('new@example.org', { password: own }))).toBe(true)
    })

    it('does not accept a proof of a right password that was made elsewhere', async () => {
      await issuer.addUser('new2@example.org', { mustChangePassword: true })
      const other = openBrowser(issuer)
      await other.open(authorizeAt('/adfs/oauth2'))
      const page = await other.submit({ act: 'sign-in', name: 'new2@example.org', password: PASSWORD })
      const [, proof = ''] = /name="proof" value="([^"]*)"/.exec(page.text) ?? []
      const browser = openBrowser(issuer)
      await browser.open(authorizeAt('/adfs/oauth2'))
      const own = 'een heel nieuw wachtwoord'
      expect(isIn(await browser.submit({ act: 'choose', proof, new: own, again: own }))).toBe(false)
    })
  })

  it('a user changes the password, which ends every session and refresh token', async () => {
    await issuer.addUser('change@example.org')
    const form = { grant_type: 'password', client_id: AZURE_CLI, username: 'change@example.org', password: PASSWORD }
    const { body } = await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope } })
    const browser = openBrowser(issuer, 'nl-NL')
    await browser.open('/oauth2/password')
    const own = 'een heel nieuw wachtwoord'
    const fields = { name: 'change@example.org', password: PASSWORD, new: own, again: own }
    expect((await browser.submit({ ...fields, password: 'wrong password' })).text).toContain('niet gelukt')
    await browser.open('/oauth2/password')
    expect((await browser.submit(fields)).text).toContain('is gewijzigd')
    const refresh = { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token: body.refresh_token }
    expect((await issuer.ask('/adfs/oauth2/token', { form: refresh })).status).toBe(400)
    issuer.move(2_000)
    expect((await issuer.ask('/adfs/oauth2/token', { form: { ...form, scope } })).status).toBe(400)
    expect((await issuer.ask('/adfs/oauth2/token', { form: { ...form, password: own, scope } })).status).toBe(200)
  })

  it('no page runs a script or can be framed, and each says its language', async () => {
    for (const [language, lang] of [
      ['en', 'en'],
      ['nl', 'nl'],
      ['zh-HK', 'zh-Hant'],
      ['fr,nl;q=0.5', 'nl'],
      ['fr', 'en'],
    ] as const) {
      const page = await openBrowser(issuer, language).open(authorizeAt('/adfs/oauth2'))
      expect(page.text).toContain(`<html lang="${lang}">`)
      expect(page.text).not.toMatch(/<script|\son\w+=|\sstyle=/)
      expect(page.headers['content-security-policy']).toContain("style-src 'self'")
      expect(page.headers['content-security-policy']).not.toContain('unsafe')
      expect(page.text).not.toMatch(/<style|style="/)
      const [, place = ''] = /<link rel="stylesheet" href="([^"]*)"/.exec(page.text) ?? []
      const style = await issuer.ask(place)
      expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
      expect(page.headers['content-security-policy']).toContain("default-src 'none'")
      expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(page.headers['cache-control']).toBe('no-store')
    }
  })

  it('what is typed comes back as text, never as markup', async () => {
    const browser = openBrowser(issuer)
    await browser.open(authorizeAt('/adfs/oauth2'))
    const page = await browser.submit({ act: 'sign-in', name: '"><img src=x>', password: 'x' })
    expect(page.text).toContain('&quot;&gt;&lt;img src=x&gt;')
  })

  it('cookies are kept from scripts, other hosts and other sites', async () => {
    const reply = await issuer.ask(authorizeAt('/adfs/oauth2'))
    const cookies = reply.headers['set-cookie'] ?? []
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies)
      expect(cookie).toMatch(/; secure; httponly; samesite=lax|; samesite=lax; secure; httponly/i)
  })

  it('logged no fault', () => {
    expect(issuer.faults).toEqual([])
  })
})
