/** The page where a user changes the password without signing in anywhere. It needs no cookie, so none can be misused. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { choosePassword } from './choose-password.ts'
import { readForm } from './form.ts'
import { showPage } from './interactions.ts'
import { donePage } from './pages/device-page.ts'
import { messagesFor } from './pages/messages.ts'
import { changePasswordPage } from './pages/sign-in-page.ts'
import type { ProviderDeps } from './provider.ts'
import { signIn } from './sign-in.ts'

const ACTION = '/oauth2/password'

export async function visitPasswordPage(
  deps: ProviderDeps,
  { request, response, address }: { request: IncomingMessage; response: ServerResponse; address: string },
): Promise<void> {
  const messages = messagesFor(request.headers['accept-language'])
  const form = request.method === 'POST' ? await readForm(request) : undefined
  if (form?.ok !== true) return showPage(response, changePasswordPage({ messages, action: ACTION, name: '' }))
  const { name = '', password = '', code = '', new: chosen = '', again = '' } = form.value
  const user = await signIn(deps, { name, password, code, address, client: 'password page' })
  const wrong =
    user === undefined ? 'wrong' : await choosePassword(deps, { user: user.id, password: chosen, again, address })
  if (wrong === undefined) return showPage(response, donePage(messages, messages.passwordChanged))
  return showPage(response, changePasswordPage({ messages, action: ACTION, name, error: messages[wrong] }))
}
