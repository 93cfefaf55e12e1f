/** The pages where somebody lets a program on another screen sign in. */
import { errorBox } from './sign-in-page.ts'
import type { Messages } from './messages.ts'
import { markup, page, type Page } from './page.ts'

export interface DeviceForm {
  readonly messages: Messages
  readonly action: string
  /** The library's own token against forged forms. */
  readonly xsrf: string
}

export function deviceCodePage({ messages: m, action, xsrf, error }: DeviceForm & { readonly error?: string }): Page {
  const body = markup`<p>${m.deviceHint}</p>
    ${error === undefined ? undefined : errorBox(error)}
    <form method="post" action="${action}">
      <input type="hidden" name="xsrf" value="${xsrf}" />
      <label for="user_code">${m.deviceCode}</label>
      <input
        class="code"
        id="user_code"
        name="user_code"
        type="text"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        required
        autofocus
      />
      <div class="buttons"><button type="submit">${m.deviceContinue}</button></div>
    </form>`
  return page({ messages: m, title: m.deviceTitle, body })
}

export interface DeviceConfirmation extends DeviceForm {
  readonly program: string
  readonly code: string
}

export function deviceConfirmPage({ messages: m, action, xsrf, program, code }: DeviceConfirmation): Page {
  const body = markup`<p class="shown">${code}</p>
    <p>${m.deviceWarning}</p>
    <form method="post" action="${action}">
      <input type="hidden" name="xsrf" value="${xsrf}" />
      <input type="hidden" name="user_code" value="${code}" />
      <div class="buttons">
        <button type="submit" name="confirm" value="yes">${m.deviceYes}</button>
        <button class="other" type="submit" name="abort" value="yes">${m.deviceNo}</button>
      </div>
    </form>`
  return page({ messages: m, title: m.deviceConfirm(program), body })
}

/** One sentence, and that the window may be closed. */
export function donePage(m: Messages, title: string): Page {
  return page({ messages: m, title, body: markup`<p>${m.mayClose}</p>` })
}

export function signOutPage({ messages: m, action, xsrf }: DeviceForm): Page {
  const body = markup`<form method="post" action="${action}">
    <input type="hidden" name="xsrf" value="${xsrf}" />
    <div class="buttons">
      <button type="submit" name="logout" value="yes">${m.signOut}</button>
      <button class="other" type="submit">${m.staySignedIn}</button>
    </div>
  </form>`
  return page({ messages: m, title: m.signOutQuestion, body })
}

/** What went wrong, in the issuer's own English words below the page's. */
export function failurePage(m: Messages, about: { status: number; text: string; detail: string }): Page {
  const body = markup`<p>${about.text}</p>
    <p class="hint">${about.detail}</p>`
  return page({ messages: m, title: m.failed, body, status: about.status })
}
