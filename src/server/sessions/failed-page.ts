/**
 * What somebody sees when a sign-in did not work: why, and how to begin again. No script, no style, nothing from elsewhere.
 * In the language of the browser; what exactly was wrong stands below in English, for who runs the server.
 */
import type { Refusal } from '../../domain/refusal.ts'
import type { Answer } from '../answer.ts'
import { statusOf } from '../errors.ts'
import { failedPageMessages, type Cause } from './failed-page.messages.ts'

const CAUSES: Readonly<Partial<Record<string, Cause>>> = {
  SignInFailed: 'refused',
  IssuerUnavailable: 'issuerAway',
  NoBrowserSignIn: 'noSuchIssuer',
  SignInAddressUnknown: 'unknownAddress',
}

export function failedPage({ code, message }: Refusal, acceptLanguage: string | undefined): Answer {
  const { language, title, causes, again } = failedPageMessages(acceptLanguage)
  const body = `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Sallyport</title>
<main>
<h1>${title}</h1>
<p>${causes[CAUSES[code] ?? 'somethingElse']}</p>
<p><a href="/auth/sign-in">${again}</a></p>
<p lang="en"><small>${escaped(message)} (${escaped(code)})</small></p>
</main>
</html>
`
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-language': language }
  return { status: statusOf(code), body, headers }
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
