import { describe, expect, it } from 'vitest'
import { refusal } from '../../domain/refusal.ts'
import { failedPage } from './failed-page.ts'
import { failedPageMessages } from './failed-page.messages.ts'

const LANGUAGES = ['en', 'nl', 'zh-TW']

describe('a sign-in that did not work', () => {
  it.each([
    ['en-GB,en;q=0.9', 'en', 'Sign-in did not work', 'Sign in again'],
    ['nl-NL', 'nl', 'Aanmelden is niet gelukt', 'Opnieuw aanmelden'],
    ['zh-TW,zh;q=0.9,en;q=0.8', 'zh-Hant', '登入失敗', '重新登入'],
    ['fr,nl;q=0.5', 'nl', 'Aanmelden is niet gelukt', 'Opnieuw aanmelden'],
    ['nl;q=0,fr', 'en', 'Sign-in did not work', 'Sign in again'],
    [undefined, 'en', 'Sign-in did not work', 'Sign in again'],
  ])('is told to a browser that asks for %s in %s', (asked, language, title, again) => {
    const { status, body, headers } = failedPage(refusal('SignInFailed', 'Start again.'), asked)
    expect([status, headers?.['content-language']]).toEqual([401, language])
    expect(body).toContain(`<html lang="${language}">`)
    expect(body).toContain(`<h1>${title}</h1>`)
    expect(body).toContain(`<a href="/auth/sign-in">${again}</a>`)
  })

  it('says what the reader can do about it, each cause in other words, in every language', () => {
    const sentences = LANGUAGES.flatMap((language) => Object.values(failedPageMessages(language).causes))
    expect(new Set(sentences).size).toBe(LANGUAGES.length * 5)
    const codes = ['SignInFailed', 'IssuerUnavailable', 'NoBrowserSignIn', 'SignInAddressUnknown', 'InvalidReturnTo']
    const pages = codes.map((code) => failedPage(refusal(code, ''), 'nl').body)
    const { causes } = failedPageMessages('nl')
    expect(
      pages.map((page) => Object.values(causes).filter((cause) => typeof page === 'string' && page.includes(cause))),
    ).toEqual(Object.values(causes).map((cause) => [cause]))
  })

  it('says below, as English, what exactly was wrong, as text and never as markup', () => {
    const { body } = failedPage(refusal('SignInFailed', `<img src=x onerror="alert('1')">`), 'nl')
    expect(body).toContain(
      '<p lang="en"><small>&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62; (SignInFailed)',
    )
    expect(body).not.toMatch(/<img|<script|<style|\sstyle=/)
  })
})
