/** The page where somebody sets up a one-time code, with an authenticator app that reads it from the screen or is typed into. */
import { renderSVG } from 'uqr'
import type { Messages } from './messages.ts'
import { markup, page, type Page } from './page.ts'
import { errorBox } from './sign-in-page.ts'

export interface EnrolPage {
  readonly messages: Messages
  readonly action: string
  /** Sealed: who it is, and the secret. */
  readonly proof: string
  /** For typing by hand. */
  readonly secret: string
  readonly keyUri: string
  readonly failed: boolean
  readonly formTargets: readonly string[]
}

export function enrolPage(about: EnrolPage): Page {
  const { messages: m, action, proof, secret, keyUri, failed, formTargets } = about
  // Made of the text alone: rectangles, no script and no style.
  const picture = { html: renderSVG(keyUri, { border: 2 }) }
  const body = markup`<p>${m.enrolWhy}</p>
    ${failed ? errorBox(m.enrolWrong) : undefined}
    <p>${m.enrolHow}</p>
    <p class="picture" role="img" aria-label="${m.enrolPicture}">${picture}</p>
    <p class="hint">${m.enrolByHand}</p>
    <p class="secret">${secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</p>
    <form method="post" action="${action}">
      <input type="hidden" name="enrolment" value="${proof}" />
      <label for="code">${m.code}</label>
      <input
        class="code"
        id="code"
        name="code"
        type="text"
        autocomplete="one-time-code"
        inputmode="numeric"
        spellcheck="false"
        required
        autofocus
      />
      <div class="buttons">
        <button type="submit" name="act" value="enrol">${m.deviceContinue}</button>
        <button class="other" type="submit" name="act" value="cancel" formnovalidate>${m.cancel}</button>
      </div>
    </form>`
  return page({ messages: m, title: m.enrolTitle, body, status: failed ? 401 : 200, formTargets })
}
