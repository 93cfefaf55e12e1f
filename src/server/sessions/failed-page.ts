/** What somebody sees when a sign-in did not work: why, and how to begin again. No script, no style, nothing from elsewhere. */
import type { Refusal } from '../../domain/refusal.ts'
import type { Answer } from '../answer.ts'
import { statusOf } from '../errors.ts'

export function failedPage({ code, message }: Refusal): Answer {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in did not work · Sallyport</title>
<h1>Sign-in did not work</h1>
<p>${escaped(message)}</p>
<p><a href="/auth/sign-in">Sign in again</a></p>
<p><small>${escaped(code)}</small></p>
</html>
`
  return { status: statusOf(code), body, headers: { 'content-type': 'text/html; charset=utf-8' } }
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
