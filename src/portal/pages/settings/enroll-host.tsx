/**
 * Gives the one-time command that enrols a host. It is shown this once, for whoever runs it becomes that host; the page
 * keeps nothing of it.
 */
import {
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { WireHost, WireHostEnrollment } from '../../../contract/host.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useNow } from '../../parts/now.ts'
import { useReasonText } from '../../parts/words/reason.tsx'
import { labelsFrom } from './host-labels.ts'
import { hostPath } from './host-path.ts'
import { hostMessages } from './hosts.messages.ts'

const VALIDITIES = { PT15M: 15, PT1H: 60, P1D: 1_440 } as const

const EMPTY = { name: '', kind: 'host' as WireHost['kind'], labels: '', validFor: 'PT15M' as keyof typeof VALIDITIES }

export function EnrollHost({
  host,
  onClose,
}: {
  /** One that is there and is enrolled anew. */
  readonly host: WireHost | undefined
  readonly onClose: () => void
}): ReactNode {
  const text = useText(hostMessages)
  const formats = useFormats()
  const [draft, setDraft] = useState({ ...EMPTY, name: host?.name ?? '' })
  const typed = labelsFrom(draft.labels)
  const enroll = useChange(() => {
    const { kind, validFor } = draft
    const { labels } = typed
    const body = host === undefined ? { kind, labels, validFor } : { validFor }
    return call<WireHostEnrollment>(`${hostPath(draft.name.trim())}/enroll`, { method: 'POST', body })
  })
  return (
    <FormDialog
      title={host === undefined ? text.enroll : text.enrollAgain(host.name)}
      submit={text.giveCommand}
      isReady={draft.name.trim() !== '' && typed.issues.length === 0}
      isPending={enroll.isPending}
      error={enroll.error}
      done={enroll.data === undefined ? null : <Command enrollment={enroll.data} />}
      onSubmit={() => enroll.mutate(undefined)}
      onClose={onClose}
    >
      {host === undefined ? (
        <>
          <Field label={text.name} hint={text.nameHint} required>
            <Input
              value={draft.name}
              autoComplete="off"
              spellCheck={false}
              onChange={(_, { value }) => setDraft({ ...draft, name: value })}
            />
          </Field>
          <Field label={text.kind} hint={text.kindHints[draft.kind]}>
            <Select
              value={draft.kind}
              onChange={(_, { value }) => setDraft({ ...draft, kind: value === 'gateway' ? value : 'host' })}
            >
              <option value="host">{text.kinds.host}</option>
              <option value="gateway">{text.kinds.gateway}</option>
            </Select>
          </Field>
          <LabelsField value={draft.labels} onChange={(labels) => setDraft({ ...draft, labels })} />
        </>
      ) : (
        <Text>{text.enrollAgainText}</Text>
      )}
      <Field label={text.validFor}>
        <Select
          value={draft.validFor}
          onChange={(_, { value }) => setDraft({ ...draft, validFor: value as keyof typeof VALIDITIES })} // our own options
        >
          {Object.entries(VALIDITIES).map(([value, minutes]) => (
            <option key={value} value={value}>
              {formats.span(minutes * 60_000)}
            </option>
          ))}
        </Select>
      </Field>
    </FormDialog>
  )
}

export function LabelsField({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactNode {
  const text = useText(hostMessages)
  const reasonText = useReasonText()
  const [wrong] = labelsFrom(value).issues
  return (
    <Field
      label={text.labels}
      hint={text.labelsHint}
      {...(wrong === undefined ? {} : { validationState: 'error', validationMessage: reasonText(wrong).text })}
    >
      <Textarea rows={3} spellCheck={false} value={value} onChange={(_, data) => onChange(data.value)} />
    </Field>
  )
}

const useStyles = makeStyles({
  command: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    fontFamily: tokens.fontFamilyMonospace,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  copy: { justifySelf: 'start' },
})

function Command({
  enrollment: { command, until, fingerprint },
}: {
  readonly enrollment: WireHostEnrollment
}): ReactNode {
  const styles = useStyles()
  const text = useText(hostMessages)
  const formats = useFormats()
  const left = Date.parse(until) - useNow()
  return (
    <>
      <MessageBar intent={left > 0 ? 'warning' : 'error'} layout="multiline">
        <MessageBarBody>
          {left > 0 ? text.once(formats.clock(Date.parse(until)), formats.countdown(left)) : text.over}
        </MessageBarBody>
      </MessageBar>
      <pre className={styles.command} aria-label={text.command}>
        {command}
      </pre>
      <span className={styles.copy}>
        <CopyButton value={command} name={text.command} />
      </span>
      <Text size={200}>{text.fingerprint(fingerprint)}</Text>
    </>
  )
}
