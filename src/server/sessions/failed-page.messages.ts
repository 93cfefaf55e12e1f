/** Every word of the page that a failed sign-in ends at, in each language. */
import { languageFor, type Language } from '../../contract/accept-language.ts'

/** Why, as far as a reader can do something about it. */
export type Cause = 'refused' | 'issuerAway' | 'noSuchIssuer' | 'unknownAddress' | 'somethingElse'

export interface FailedPageMessages {
  readonly language: Language
  readonly title: string
  readonly causes: Readonly<Record<Cause, string>>
  readonly again: string
}

const MESSAGES: Readonly<Record<Language, FailedPageMessages>> = {
  en: {
    language: 'en',
    title: 'Sign-in did not work',
    causes: {
      refused: 'This sign-in was refused, is too old or began in another browser.',
      issuerAway: 'What you sign in with does not answer now. Try again in a minute.',
      noSuchIssuer: 'Browsers cannot sign in with this.',
      unknownAddress: 'The server does not know the address that you came to. Tell who runs it what is said below.',
      somethingElse: 'The server could not accept this sign-in. Tell who runs it what is said below.',
    },
    again: 'Sign in again',
  },
  nl: {
    language: 'nl',
    title: 'Aanmelden is niet gelukt',
    causes: {
      refused: 'Deze aanmelding is geweigerd, is te oud of begon in een andere browser.',
      issuerAway: 'De dienst waarmee u zich aanmeldt, antwoordt nu niet. Probeer het over een minuut opnieuw.',
      noSuchIssuer: 'Hiermee kunt u zich in een browser niet aanmelden.',
      unknownAddress: 'De server kent het adres niet waarop u hem bereikte. Vertel de beheerder wat hieronder staat.',
      somethingElse: 'De server kon deze aanmelding niet aannemen. Vertel de beheerder wat hieronder staat.',
    },
    again: 'Opnieuw aanmelden',
  },
  'zh-Hant': {
    language: 'zh-Hant',
    title: '登入失敗',
    causes: {
      refused: '此次登入遭到拒絕、已過期，或是在其他瀏覽器中開始的。',
      issuerAway: '您用來登入的服務目前沒有回應。請於一分鐘後再試。',
      noSuchIssuer: '瀏覽器無法以此方式登入。',
      unknownAddress: '伺服器不認得您所使用的位址。請將下列訊息告知管理者。',
      somethingElse: '伺服器無法接受此次登入。請將下列訊息告知管理者。',
    },
    again: '重新登入',
  },
}

export function failedPageMessages(acceptLanguage: string | undefined): FailedPageMessages {
  return MESSAGES[languageFor(acceptLanguage)]
}
