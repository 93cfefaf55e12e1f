/**
 * A page of the sign-in: HTML made here and nowhere else, without a script, under a policy that lets none run. Whatever
 * comes from elsewhere goes through {@link markup}, which escapes it.
 */
import { createHash } from 'node:crypto'
import type { Messages } from './messages.ts'

/** Made by {@link markup}. */
export interface Html {
  readonly html: string
}

export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function markup(strings: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  const parts = strings.map((text, index) => text + escaped(values[index]))
  return { html: parts.join('') }
}

function escaped(value: string | Html | undefined): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') return value.html
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return value.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '')
}

export interface PageInput {
  readonly messages: Messages
  readonly title: string
  readonly body: Html
  readonly status?: number
  /** Where a form may lead in the end besides here: browsers hold redirects to it too. */
  readonly formTargets?: readonly string[]
}

export function page({ messages, title, body, status = 200, formTargets = [] }: PageInput): Page {
  const document = markup`<!doctype html>
    <html lang="${messages.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Sallyport</title>
        <link rel="stylesheet" href="${STYLE_PLACE}" />
      </head>
      <body>
        <main>
          <p class="brand">Sallyport</p>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `
  return { status, body: document.html, headers: headersFor(formTargets) }
}

function headersFor(formTargets: readonly string[]): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}

/** The one thing that pages load. */
export function stylesheet(): Page {
  const headers = {
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body: STYLE }
}

const STYLE = `
:root { color-scheme: light dark; --accent: #0f6cbd; --ink: #242424; --soft: #616161; --line: #8a8a8a; --back: #f5f5f5; --card: #fff; --bad: #b10e1c; --badback: #fdf3f4; }
@media (prefers-color-scheme: dark) { :root { --accent: #479ef5; --ink: #fff; --soft: #d6d6d6; --line: #adadad; --back: #141414; --card: #292929; --bad: #f1707b; --badback: #3b0509; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--ink); font: 16px/1.5 "Segoe UI", system-ui, "Noto Sans TC", sans-serif; }
main { width: min(26rem, 100vw); padding: 2rem; background: var(--card); border-radius: 8px; box-shadow: 0 2px 8px rgb(0 0 0 / 20%); overflow-wrap: anywhere; }
.brand { margin: 0 0 1rem; font-weight: 600; color: var(--accent); }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { display: block; width: 100%; margin-top: .25rem; padding: .5rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px; }
input.code { letter-spacing: .1em; }
.hint { margin: .25rem 0 0; font-size: .875rem; color: var(--soft); }
.error { padding: .75rem; border-left: 4px solid var(--bad); background: var(--badback); }
.picture svg { display: block; width: 12rem; margin: 0 auto; border-radius: 4px; }
.secret { font-family: ui-monospace, monospace; user-select: all; }
.shown { font-size: 1.5rem; font-weight: 600; letter-spacing: .1em; }
.buttons { display: flex; gap: .75rem; margin-top: 1.5rem; flex-wrap: wrap; }
button { flex: 1; padding: .6rem 1rem; font: inherit; font-weight: 600; border-radius: 4px; border: 1px solid var(--accent); background: var(--accent); color: var(--card); cursor: pointer; }
button.other { background: transparent; color: var(--ink); border-color: var(--line); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`

/** Named after its content, so that a browser never shows a page with the style of an older one. */
export const STYLE_PLACE = `/oauth2/style-${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}.css`
