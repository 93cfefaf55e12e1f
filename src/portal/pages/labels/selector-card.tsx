/** One selector: its labels, the machines that they choose now, and the ports that are protected there. */
import { Button, Card, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { useServer } from '../../api/queries.ts'
import type { WireMachineList } from '../../../contract/machine.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { parseSelector } from '../../../domain/policy/label-selector.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useReasonText } from '../../parts/words/reason.tsx'
import { useSettled } from '../../parts/settled.ts'
import { Loaded } from '../../parts/states.tsx'
import { issuesOf } from '../policy/draft.ts'
import { policyMessages } from '../policy/policy.messages.ts'
import { RuleList } from '../policy/rule-list.tsx'
import { labelsMessages } from './labels.messages.ts'
import { foreseenOf, selectorText, type DraftSelector, type Foreseen } from './selector-draft.ts'

/** Looked at by their names; all are counted. */
const MOST_LOOKED_AT = 200
const MOST_NAMED = 12

const useStyles = makeStyles({
  head: { display: 'flex', gap: tokens.spacingHorizontalM, alignItems: 'start', justifyContent: 'space-between' },
  labels: { flex: '1 1 12rem', maxWidth: '30rem', minWidth: 0 },
  mono: { fontFamily: tokens.fontFamilyMonospace },
  delete: { marginTop: '1.4rem', flexShrink: 0 },
  foreseen: { display: 'grid', gap: tokens.spacingVerticalXXS, minHeight: '2.5rem', alignContent: 'start' },
  others: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  names: { overflowWrap: 'anywhere' },
})

/** The same labels once more would choose nothing. */
function isRepeated({ key, labels }: DraftSelector, drafts: readonly DraftSelector[]): boolean {
  const own = selectorText(labels)
  return own !== undefined && drafts.some((other) => other.key < key && selectorText(other.labels) === own)
}

const SILENT = { repeated: 'repeated', say: () => 'wrong' }

/** Whether it can be written as it stands. */
export function isComplete(draft: DraftSelector, drafts: readonly DraftSelector[]): boolean {
  const isRead = selectorText(draft.labels) !== undefined && !isRepeated(draft, drafts)
  return isRead && draft.rules.length > 0 && issuesOf(draft.rules, SILENT).size === 0
}

interface Shown {
  readonly draft: DraftSelector
  readonly drafts: readonly DraftSelector[]
  readonly before: WirePolicy | undefined
}

export function SelectorCard({
  onChange,
  onRemove,
  ...shown
}: Shown & { readonly onChange: (draft: DraftSelector) => void; readonly onRemove: () => void }): ReactNode {
  const { draft, drafts } = shown
  const styles = useStyles()
  const text = useText(labelsMessages)
  const { repeated } = useText(policyMessages)
  const reasonText = useReasonText()
  const parsed = parseSelector(draft.labels)
  const [refused] = parsed.ok || draft.labels.trim() === '' ? [] : parsed.refusals
  const wrong =
    refused === undefined ? (isRepeated(draft, drafts) ? text.repeated : undefined) : reasonText(refused).text
  const own = useSettled(selectorText(draft.labels))
  return (
    <Card role="group" aria-label={text.selector(draft.labels)}>
      <div className={styles.head}>
        <Field
          label={text.labels}
          hint={text.hint}
          required
          className={styles.labels}
          {...(wrong === undefined ? {} : { validationState: 'error', validationMessage: wrong })}
        >
          <Input
            className={styles.mono}
            value={draft.labels}
            autoComplete="off"
            spellCheck={false}
            onChange={(_, { value }) => onChange({ ...draft, labels: value })}
          />
        </Field>
        <Button
          className={styles.delete}
          appearance="subtle"
          icon={<DeleteRegular />}
          aria-label={text.remove(draft.labels)}
          onClick={onRemove}
        />
      </div>
      <div className={styles.foreseen} aria-live="polite">
        {own === undefined ? null : <Chosen own={own} {...shown} />}
      </div>
      <RuleList
        rules={draft.rules}
        issues={issuesOf(draft.rules, { repeated, say: (refusal) => reasonText(refusal).text })}
        onChange={(rules) => onChange({ ...draft, rules })}
      />
    </Card>
  )
}

function Chosen({ own, drafts, before }: Shown & { readonly own: string }): ReactNode {
  const query = useServer<WireMachineList>('/api/v1/machines', { selector: own, top: MOST_LOOKED_AT })
  // What was asked for other labels stays in its place until these are known: it is of other machines.
  if (query.isPlaceholderData) return null
  return (
    <Loaded query={query}>
      {({ value, total = value.length }) => {
        const foreseen = foreseenOf(value, { own, drafts, before })
        return <Told foreseen={foreseen} count={total - value.length + foreseen.chosen.length} />
      }}
    </Loaded>
  )
}

function Told({ foreseen, count }: { readonly foreseen: Foreseen; readonly count: number }): ReactNode {
  const styles = useStyles()
  const text = useText(labelsMessages)
  const formats = useFormats()
  const { chosen, ...others } = foreseen
  const namesText = (names: readonly string[], count: number): string => {
    const shown = formats.list(names.slice(0, MOST_NAMED))
    const left = count - Math.min(names.length, MOST_NAMED)
    return left > 0 ? `${shown} ${text.more(left)}` : shown
  }
  return (
    <>
      <Text className={styles.names}>
        {count === 0 ? text.choosesNone : text.chooses(count, namesText(chosen, count))}
      </Text>
      {(['named', 'earlier', 'unsupported'] as const).map((why) =>
        others[why].length === 0 ? null : (
          <Text key={why} size={200} className={styles.others}>
            {text.others[why](others[why].length, namesText(others[why], others[why].length))}
          </Text>
        ),
      )}
    </>
  )
}
