/**
 * The language of the page. Each page keeps its own words in `*.messages.ts`, in all three languages at once; the
 * compiler refuses a language that lacks one. Numbers, dates and plurals are the browser's own (`Intl`).
 */
import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'

export const LANGUAGES = { en: 'English', nl: 'Nederlands', 'zh-TW': '繁體中文' } as const

export type Language = keyof typeof LANGUAGES

/** The same members in every language; a member is a text or a function of what it speaks about. */
export type Messages<T> = Readonly<Record<Language, T>>

const KEPT_AS = 'sallyport.language'

function languageOf(wished: readonly string[]): Language {
  for (const tag of wished) {
    const lower = tag.toLowerCase()
    if (lower.startsWith('zh')) return 'zh-TW'
    if (lower.startsWith('nl')) return 'nl'
    if (lower.startsWith('en')) return 'en'
  }
  return 'en'
}

interface Choice {
  readonly language: Language
  readonly choose: (language: Language) => void
}

const LanguageContext = createContext<Choice>({ language: 'en', choose: () => {} })

export function LanguageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [language, setLanguage] = useState<Language>(() => keptLanguage() ?? languageOf(navigator.languages))
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choice = useMemo(
    () => ({
      language,
      choose: (chosen: Language) => {
        localStorage.setItem(KEPT_AS, chosen)
        setLanguage(chosen)
      },
    }),
    [language],
  )
  return <LanguageContext value={choice}>{children}</LanguageContext>
}

function keptLanguage(): Language | undefined {
  const kept = localStorage.getItem(KEPT_AS)
  return kept !== null && kept in LANGUAGES ? (kept as Language) : undefined // just looked up
}

export function useLanguage(): Choice {
  return use(LanguageContext)
}

/** The words of one page in the reader's language. */
export function useText<T>(messages: Messages<T>): T {
  return messages[use(LanguageContext).language]
}

/** The form of a word for a number: English and Dutch have two, Chinese has one. */
export function plural(language: Language, count: number, one: string, other: string): string {
  return new Intl.PluralRules(language).select(count) === 'one' ? one : other
}

/** "2,988", "2.988": as the language writes it. */
export function numberText(language: Language, value: number): string {
  return new Intl.NumberFormat(language).format(value)
}

/** "1 machine", "2,988 machines". */
export function counted(language: Language, count: number, one: string, other: string): string {
  return `${numberText(language, count)} ${plural(language, count, one, other)}`
}
