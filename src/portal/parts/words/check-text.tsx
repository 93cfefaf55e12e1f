/** What a look found, or what to do about it, in the reader's language. */
import type { ReactNode } from 'react'
import type { WireSentence } from '../../../contract/facts.ts'
import { checkMessages } from './checks.messages.ts'
import { Saying, useReasonText } from './reason.tsx'
import { reasonMessages } from './reasons.messages.ts'

/** A look may tell of a reason that is given elsewhere too. */
const WORDS = {
  en: { ...reasonMessages.en, ...checkMessages.en },
  nl: { ...reasonMessages.nl, ...checkMessages.nl },
  'zh-TW': { ...reasonMessages['zh-TW'], ...checkMessages['zh-TW'] },
}

interface Found {
  readonly text: string
  readonly because?: Pick<WireSentence, 'code' | 'facts'> | undefined
}

/** For where only a text can stand. */
export function useCheckText(): (found: Found) => string {
  const said = useReasonText(WORDS)
  return ({ text, because = {} }) => said({ ...because, message: text }).text
}

export function CheckText({ text, because = {} }: Found): ReactNode {
  return <Saying said={{ ...because, text }} words={WORDS} />
}
