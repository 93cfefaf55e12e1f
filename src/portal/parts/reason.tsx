/**
 * A reason in the reader's language, by its code and the facts that came with it. What has no words here, or has less to say
 * than the server's own sentence, is shown as the server said it, marked as English for who listens.
 */
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { sentence } from '../api/names.ts'
import type { WireMachine } from '../../contract/machine.ts'
import { useFormats } from '../formats.ts'
import { useLanguage, useText } from '../language.tsx'
import { partsMessages } from './parts.messages.ts'
import { wordedReason, type Said } from './reason-words.ts'
import { reasonMessages } from './reasons.messages.ts'

/** For where only a text can stand; `lang` is that of the text. */
export function useReasonText(): (said: Said) => {
  readonly text: string
  readonly lang: string
  readonly isWhole: boolean
} {
  const { language } = useLanguage()
  const formats = useFormats()
  return ({ message, ...reason }) => {
    const worded = wordedReason(reason, { words: reasonMessages[language], formats })
    return worded === undefined ? { text: sentence(message), lang: 'en', isWhole: true } : { ...worded, lang: language }
  }
}

const useStyles = makeStyles({ more: { display: 'block', color: tokens.colorNeutralForeground2 } })

/** Why a machine is as it is: by the worst of what was found, and how much more there is; or why nothing can guard it. */
export function MachineReason({ posture, unsupported }: Pick<WireMachine, 'posture' | 'unsupported'>): ReactNode {
  const reasonText = useReasonText()
  const { andMore } = useText(partsMessages)
  const said = posture === undefined ? unsupported : { ...posture.because, message: posture.reason }
  if (said === undefined) return null
  const { text, lang } = reasonText(said)
  // The server's own sentence says it already.
  const more = text === sentence(said.message) ? 0 : Number(posture?.because.facts?.['more'] ?? 0)
  return <span lang={lang}>{more > 0 ? `${text} ${andMore(more)}` : text}</span>
}

export function Reason({ said }: { readonly said: Said }): ReactNode {
  const styles = useStyles()
  const { text, lang, isWhole } = useReasonText()(said)
  return (
    <>
      <span lang={lang}>{text}</span>
      {isWhole ? null : (
        <Text size={200} className={styles.more} lang="en">
          {sentence(said.message)}
        </Text>
      )}
    </>
  )
}
