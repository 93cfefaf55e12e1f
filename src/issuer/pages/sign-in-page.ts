/** The pages where somebody types a password: signing in, and changing the password. */
import type { Messages } from './messages.ts'
import { markup, page, type Html, type Page } from './page.ts'

export interface SignInPage {
  readonly messages: Messages
  /** Where the form goes. */
  readonly action: string
  /** The program that asked. */
  readonly program: string
  readonly name: string
  readonly failed: boolean
  readonly formTargets: readonly string[]
}

export function signInPage({ messages: m, action, program, name, failed, formTargets }: SignInPage): Page {
  const body = markup`<p>${m.signInTo(program)}</p>
    ${failed ? errorBox(m.wrong) : undefined}
    <form method="post" action="${action}">
      ${field({ label: m.name, name: 'name', value: name, complete: 'username', first: name === '' })}
      ${field({ label: m.password, name: 'password', type: 'password', complete: 'current-password', first: name !== '' })}
      ${codeField(m)}
      <div class="buttons">
        <button type="submit" name="act" value="sign-in">${m.signIn}</button>
        <button class="other" type="submit" name="act" value="cancel" formnovalidate>${m.cancel}</button>
      </div>
    </form>`
  return page({ messages: m, title: m.signIn, body, status: failed ? 401 : 200, formTargets })
}

export interface ChoosePasswordPage {
  readonly messages: Messages
  readonly action: string
  /** For programs that keep passwords. */
  readonly name: string
  /** Sealed proof that its owner has just signed in. */
  readonly proof: string
  readonly error?: string
  readonly formTargets: readonly string[]
}

export function choosePasswordPage({ messages: m, action, name, proof, error, formTargets }: ChoosePasswordPage): Page {
  const body = markup`<p>${m.mustChange}</p>
    ${error === undefined ? undefined : errorBox(error)}
    <form method="post" action="${action}">
      <input type="hidden" name="proof" value="${proof}" />
      <input type="text" autocomplete="username" value="${name}" readonly hidden />
      ${newPasswordFields(m)}
      <div class="buttons"><button type="submit" name="act" value="choose">${m.changePassword}</button></div>
    </form>`
  return page({ messages: m, title: m.changePassword, body, formTargets })
}

export interface ChangePasswordPage {
  readonly messages: Messages
  readonly action: string
  readonly name: string
  readonly error?: string
}

export function changePasswordPage({ messages: m, action, name, error }: ChangePasswordPage): Page {
  const body = markup`${error === undefined ? undefined : errorBox(error)}
    <form method="post" action="${action}">
      ${field({ label: m.name, name: 'name', value: name, complete: 'username', first: name === '' })}
      ${field({ label: m.currentPassword, name: 'password', type: 'password', complete: 'current-password' })}
      ${codeField(m)} ${newPasswordFields(m)}
      <div class="buttons"><button type="submit">${m.changePassword}</button></div>
    </form>`
  return page({ messages: m, title: m.changePassword, body })
}

function newPasswordFields(m: Messages): Html {
  return markup`${field({ label: m.newPassword, name: 'new', type: 'password', complete: 'new-password', hint: m.passwordHint })}
  ${field({ label: m.repeatPassword, name: 'again', type: 'password', complete: 'new-password' })}`
}

function codeField(m: Messages): Html {
  return field({
    label: m.code,
    name: 'code',
    complete: 'one-time-code',
    hint: m.codeHint,
    optional: true,
    numeric: true,
  })
}

interface Field {
  readonly label: string
  readonly name: string
  readonly complete: string
  readonly type?: 'password'
  readonly value?: string
  readonly hint?: string
  readonly first?: boolean
  readonly optional?: boolean
  readonly numeric?: boolean
}

function field({ label, name, complete, type, value, hint, first, optional, numeric }: Field): Html {
  const hintId = `${name}-hint`
  return markup`<label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type ?? 'text'}"
      value="${value ?? ''}"
      autocomplete="${complete}"
      autocapitalize="none"
      spellcheck="false"
      ${
        optional === true ? undefined : markup` required`
      }${first === true ? markup` autofocus` : undefined}${numeric === true ? markup` inputmode="numeric"` : undefined}${
        hint === undefined ? undefined : markup` aria-describedby="${hintId}"`
      }
    />
    ${hint === undefined ? undefined : markup`<p class="hint" id="${hintId}">${hint}</p>`}`
}

export function errorBox(text: string): Html {
  return markup`<p class="error" role="alert">${text}</p>`
}
