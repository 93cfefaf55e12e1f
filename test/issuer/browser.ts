/** A browser without a screen: keeps cookies by path, follows redirects within the issuer, and fills in forms. */
import type { Reply, RunningIssuer } from './running-issuer.ts'

export interface Visited extends Reply {
  /** Where the last redirect led, inside the issuer or out of it. */
  readonly location: string
}

export interface Browser {
  readonly language: string
  open(address: string): Promise<Visited>
  /** Sends the form of the last page, with these fields on top of its hidden ones. */
  submit(fields: Readonly<Record<string, string>>): Promise<Visited>
}

interface Cookie {
  readonly value: string
  readonly path: string
}

export function openBrowser(issuer: Pick<RunningIssuer, 'url' | 'ask'>, language = 'en'): Browser {
  const { url } = issuer
  const cookies = new Map<string, Cookie>()
  let last: Visited | undefined

  const visit = async (address: string, form?: Readonly<Record<string, string>>): Promise<Visited> => {
    const { pathname, search, origin } = new URL(address, url)
    const cookie = [...cookies]
      .filter(([, { path }]) => isBelow(pathname, path))
      .map(([name, { value }]) => `${name}=${value}`)
    const headers = { cookie: cookie.join('; '), 'accept-language': language, accept: 'text/html', origin }
    const reply = await issuer.ask(pathname + search, { headers, ...(form === undefined ? {} : { form }) })
    for (const set of reply.headers['set-cookie'] ?? []) keep(cookies, set)
    const { location } = reply.headers
    if (location === undefined) return (last = { ...reply, location: pathname + search })
    const next = new URL(location, url)
    return next.origin === url ? visit(next.href) : (last = { ...reply, location })
  }

  return {
    language,
    open: (address) => visit(address),
    submit: (fields) => {
      if (last === undefined) throw new Error('open a page first')
      const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(last.text) ?? []
      const hidden = [...last.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
      return visit(action, {
        ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
        ...fields,
      })
    },
  }
}

function keep(cookies: Map<string, Cookie>, set: string): void {
  const [pair = '', ...attributes] = set.split(';').map((part) => part.trim())
  const [name = '', ...value] = pair.split('=')
  const path = attributes.map((attribute) => /^path=(.*)$/i.exec(attribute)?.[1]).find((found) => found !== undefined)
  if (value.join('=') === '') cookies.delete(name)
  else cookies.set(name, { value: value.join('='), path: path ?? '/' })
}

function isBelow(pathname: string, path: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(`${path}/`)
}
