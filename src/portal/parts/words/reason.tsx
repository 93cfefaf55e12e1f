/**
 * A reason or a sentence in the reader's language, by its code and the facts that came with it. What has no words here, or has
 * less to say than the server's own sentence, is shown as the server said it, marked as English for who listens; so is
 * what it quotes of others.
 */
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { Fragment, type ReactNode } from 'react'
import { sentence } from '../../api/names.ts'
import type { WireSentence } from '../../../contract/facts.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { useFormats } from '../../formats.ts'
import { useLanguage, useText, type Messages } from '../../language.tsx'
import { factWords } from './fact-words.messages.ts'
import { partsMessages } from '../parts.messages.ts'
import { wordedReason, type Said, type Worded } from './reason-words.ts'
import { reasonMessages, SAID_WHOLLY, type Wording } from './reasons.messages.ts'

type Words = Messages<Readonly<Record<string, Wording>>>

interface Written extends Worded {
  /** That of the text. */
  readonly lang: string
}

/** For where only a text can stand. */
export function useReasonText(words: Words = reasonMessages): (said: Said) => Written {
  const { language } = useLanguage()
  const formats = useFormats()
  return ({ message, ...reason }) => {
    const worded = wordedReason(reason, { words: words[language], factWords: factWords[language], formats })
    return worded === undefined
      ? { text: sentence(message), lang: 'en', isWhole: true, quotes: [] }
      : { ...worded, text: sentence(worded.text), lang: language }
  }
}

const useStyles = makeStyles({ more: { display: 'block', color: tokens.colorNeutralForeground2 } })

/** Why a machine is as it is: by the worst of what was found, and how much more there is; or why nothing can guard it. */
export function MachineReason({ posture, unsupported }: Pick<WireMachine, 'posture' | 'unsupported'>): ReactNode {
  const reasonText = useReasonText()
  const machineText = useMachineReason()
  if (posture === undefined && unsupported === undefined) return null
  const { text, lang } = posture === undefined ? reasonText(unsupported ?? { message: '' }) : machineText(posture)
  return <span lang={lang}>{text}</span>
}

/** For where only a text can stand. */
export function useMachineReason(): (posture: NonNullable<WireMachine['posture']>) => Pick<Written, 'text' | 'lang'> {
  const reasonText = useReasonText()
  const { andMore } = useText(partsMessages)
  return ({ because, reason }) => {
    const { text, lang } = reasonText({ ...because, message: reason })
    // The server's own sentence says it already.
    const more = text === sentence(reason) ? 0 : Number(because.facts?.['more'] ?? 0)
    return { text: more > 0 ? `${text} ${andMore(more)}` : text, lang }
  }
}

export function Reason({ said }: { readonly said: Said }): ReactNode {
  const styles = useStyles()
  const worded = useReasonText()(said)
  return (
    <>
      <Quoting said={worded} />
      {worded.isWhole || SAID_WHOLLY.has(said.code ?? '') ? null : (
        <Text size={200} className={styles.more} lang="en">
          {sentence(said.message)}
        </Text>
      )}
    </>
  )
}

/** A sentence of the server, by the words of its catalogue. */
export function Saying({ said, words }: { readonly said: WireSentence; readonly words: Words }): ReactNode {
  const { text, ...coded } = said
  return <Quoting said={useReasonText(words)({ ...coded, message: text })} />
}

/** Others' words keep their language. */
function Quoting({ said: { text, lang, quotes } }: { readonly said: Written }): ReactNode {
  const pieces = quotes.reduce<readonly string[]>(
    (parts, quote) => parts.flatMap((part) => (quotes.includes(part) ? [part] : splitAt(part, quote))),
    [text],
  )
  return (
    <span lang={lang}>
      {pieces.map((piece, index) =>
        quotes.includes(piece) ? (
          <span key={index} lang="en">
            {piece}
          </span>
        ) : (
          <Fragment key={index}>{piece}</Fragment>
        ),
      )}
    </span>
  )
}

function splitAt(text: string, quote: string): string[] {
  const at = text.indexOf(quote)
  return quote === '' || at < 0 ? [text] : [text.slice(0, at), quote, text.slice(at + quote.length)]
}
