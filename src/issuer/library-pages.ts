/** The pages that the OpenID library asks for: device codes, signing out, and what went wrong. */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { deviceCodePage, deviceConfirmPage, donePage, failurePage, signOutPage } from './pages/device-page.ts'
import { messagesFor, type Messages } from './pages/messages.ts'
import type { Page } from './pages/page.ts'

type Features = NonNullable<Configuration['features']>
type DeviceFlow = NonNullable<Features['deviceFlow']>
type SignOut = NonNullable<Features['rpInitiatedLogout']>

export const deviceFlow: Pick<DeviceFlow, 'userCodeInputSource' | 'userCodeConfirmSource' | 'successSource'> = {
  userCodeInputSource: (ctx, _form, _out, error) => {
    const messages = messagesOf(ctx)
    const wrong = error === undefined ? undefined : deviceError(messages, error.name)
    if (wrong === messages.deviceRefused) return show(ctx, donePage(messages, wrong))
    const form = { messages, action: ctx.oidc.urlFor('code_verification'), xsrf: xsrfOf(ctx) }
    return show(ctx, deviceCodePage({ ...form, ...(wrong === undefined ? {} : { error: wrong }) }))
  },
  userCodeConfirmSource: (ctx, _form, client, _info, code) => {
    const messages = messagesOf(ctx)
    const form = { messages, action: ctx.oidc.urlFor('code_verification'), xsrf: xsrfOf(ctx) }
    show(ctx, deviceConfirmPage({ ...form, program: client.clientName ?? client.clientId, code }))
  },
  successSource: (ctx) => {
    const messages = messagesOf(ctx)
    show(ctx, donePage(messages, messages.deviceDone))
  },
}

function deviceError(messages: Messages, name: string): string {
  switch (name) {
    case 'NoCodeError':
    case 'NotFoundError':
      return messages.deviceUnknown
    case 'ExpiredError':
      return messages.deviceEnded
    case 'AlreadyUsedError':
      return messages.deviceUsed
    case 'AbortedError':
      return messages.deviceRefused
    default:
      return messages.expired
  }
}

export const signOutFlow: Pick<SignOut, 'logoutSource' | 'postLogoutSuccessSource'> = {
  logoutSource: (ctx) => {
    const action = ctx.oidc.urlFor('end_session_confirm')
    show(ctx, signOutPage({ messages: messagesOf(ctx), action, xsrf: xsrfOf(ctx) }))
  },
  postLogoutSuccessSource: (ctx) => {
    const messages = messagesOf(ctx)
    show(ctx, donePage(messages, messages.signedOut))
  },
}

export function showFailure(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
): void {
  const messages = messagesOf(ctx)
  const detail = `${out.error}: ${out.error_description ?? ''}`
  const text = out.error === 'server_error' ? '' : messages.expired
  show(ctx, failurePage(messages, { status: ctx.status, text, detail }))
}

function show(ctx: KoaContextWithOIDC, page: Page): void {
  ctx.status = page.status
  ctx.body = page.body
  ctx.set({ ...page.headers })
}

function messagesOf(ctx: KoaContextWithOIDC): Messages {
  return messagesFor(ctx.get('accept-language'))
}

/** The library keeps it in the session while one of its forms is open. */
function xsrfOf(ctx: KoaContextWithOIDC): string {
  const secret = ctx.oidc.session?.state?.['secret']
  return typeof secret === 'string' ? secret : ''
}
