/** Connects a cloud: first everything is tried and nothing kept, then it is connected. The secret is only ever sent. */
import {
  Button,
  Card,
  Field,
  Input,
  makeStyles,
  Select,
  Spinner,
  Subtitle1,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { WireConnection, WireConnectionCheckList } from '../../../contract/connection.ts'
import { useText } from '../../language.tsx'
import { Problem } from '../../parts/problem.tsx'
import { ConnectionChecks } from './connection-checks.tsx'
import {
  AWS_CREDENTIALS,
  AZURE_CLOUDS,
  AZURE_CREDENTIALS,
  bodyFrom,
  EMPTY_DRAFT,
  fieldsOf,
  KINDS,
  missingIn,
  type ConnectionDraft,
  type DraftField,
} from './connection-draft.ts'
import { CONNECTIONS } from './connections.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({
  form: { display: 'grid', gap: tokens.spacingVerticalM, maxWidth: '44rem' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  heading: { margin: 0 },
})

export function ConnectionForm({
  known,
  onClose,
}: {
  readonly known: readonly WireConnection[]
  readonly onClose: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const path = `${CONNECTIONS}/${encodeURIComponent(draft.name.trim())}`
  const attempt = useChange((body: object) =>
    call<WireConnectionCheckList>(path, { method: 'PUT', query: { dryRun: true }, body }),
  )
  const keep = useChange((body: object) => call(path, { method: 'PUT', body }))
  const isTaken = known.some(({ name }) => name.toLowerCase() === draft.name.trim().toLowerCase())
  const isReady = missingIn(draft).length === 0 && !isTaken
  const change = (changed: ConnectionDraft): void => {
    setDraft(changed)
    // What was tried was another.
    attempt.reset()
  }
  const isBusy = attempt.isPending || keep.isPending
  return (
    <Card>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !isBusy) attempt.mutate(bodyFrom(draft))
        }}
      >
        <Subtitle1 as="h2" className={styles.heading}>
          {text.connect}
        </Subtitle1>
        <Problem error={keep.error ?? attempt.error} />
        <Kinds draft={draft} onChange={change} />
        {fieldsOf(draft).map((field) => (
          <DraftInput key={field} field={field} draft={draft} isTaken={isTaken} onChange={change} />
        ))}
        <Choice
          label={text.drift}
          value={draft.drift}
          options={['repair', 'report']}
          words={text.drifts}
          onChoose={(drift) => change({ ...draft, drift })}
        />
        {attempt.data === undefined ? null : <ConnectionChecks title={text.tried} checks={attempt.data.value} />}
        {isBusy ? <Spinner size="tiny" label={text.trying} /> : null}
        <div className={styles.actions}>
          {attempt.data === undefined ? (
            <Button type="submit" appearance="primary" disabled={!isReady || isBusy}>
              {text.tryFirst}
            </Button>
          ) : (
            <Button
              appearance="primary"
              disabled={isBusy}
              onClick={() => keep.mutate(bodyFrom(draft), { onSuccess: onClose })}
            >
              {attempt.data.value.every(({ status }) => status === 'ok') ? text.connectNow : text.connectAnyway}
            </Button>
          )}
          <Button onClick={onClose}>{text.cancel}</Button>
        </div>
      </form>
    </Card>
  )
}

interface DraftProps {
  readonly draft: ConnectionDraft
  readonly onChange: (draft: ConnectionDraft) => void
}

function Kinds({ draft, onChange }: DraftProps): ReactNode {
  const text = useText(settingsMessages)
  const kind = (
    <Choice
      label={text.cloud}
      value={draft.kind}
      options={KINDS}
      words={text.clouds}
      onChoose={(chosen) => onChange({ ...draft, kind: chosen, secret: '' })}
    />
  )
  if (draft.kind === 'aws')
    return (
      <>
        {kind}
        <Choice
          label={text.credential}
          value={draft.awsCredential}
          options={AWS_CREDENTIALS}
          words={text.awsCredentials}
          onChoose={(awsCredential) => onChange({ ...draft, awsCredential, secret: '' })}
        />
      </>
    )
  return (
    <>
      {kind}
      <Choice
        label={text.azureCloud}
        value={draft.cloud}
        options={AZURE_CLOUDS}
        words={text.azureClouds}
        onChoose={(cloud) => onChange({ ...draft, cloud })}
      />
      <Choice
        label={text.credential}
        value={draft.azureCredential}
        options={AZURE_CREDENTIALS}
        words={text.azureCredentials}
        onChoose={(azureCredential) => onChange({ ...draft, azureCredential, secret: '' })}
      />
    </>
  )
}

function Choice<K extends string>({
  label,
  value,
  options,
  words,
  onChoose,
}: {
  readonly label: string
  readonly value: K
  readonly options: readonly K[]
  readonly words: Readonly<Record<K, string>>
  readonly onChoose: (value: K) => void
}): ReactNode {
  return (
    <Field label={label}>
      <Select
        value={value}
        onChange={(_, { value: chosen }) => onChoose(options.find((option) => option === chosen) ?? value)}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {words[option]}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function DraftInput({
  field,
  draft,
  isTaken,
  onChange,
}: DraftProps & { readonly field: DraftField; readonly isTaken: boolean }): ReactNode {
  const text = useText(settingsMessages)
  const hint = text.hints[field]
  const isSecret = field === 'secret'
  const set = (value: string): void => onChange({ ...draft, [field]: value })
  return (
    <Field
      label={text.fields[field]}
      {...(hint === undefined ? {} : { hint })}
      {...(field === 'name' && isTaken ? { validationState: 'error', validationMessage: text.taken } : {})}
    >
      {isSecret && draft.kind === 'azure' && draft.azureCredential === 'certificate' ? (
        <Textarea
          rows={5}
          spellCheck={false}
          autoComplete="off"
          value={draft.secret}
          onChange={(_, { value }) => set(value)}
        />
      ) : (
        <Input
          type={isSecret ? 'password' : 'text'}
          autoComplete={isSecret ? 'new-password' : 'off'}
          spellCheck={false}
          value={draft[field]}
          onChange={(_, { value }) => set(value)}
        />
      )}
    </Field>
  )
}
