/** Connects a cloud, or changes how: first everything is tried and nothing kept. The secret is only ever sent. */
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
import { ApiError, call } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { WireConnection, WireConnectionCheckList } from '../../../contract/connection.ts'
import { useText } from '../../language.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { useFocusWithin } from '../../parts/focus-within.ts'
import { Problem } from '../../parts/problem.tsx'
import { ConnectionChecks } from './connection-checks.tsx'
import {
  AWS_CREDENTIALS,
  AZURE_CLOUDS,
  AZURE_CREDENTIALS,
  bodyFrom,
  draftFrom,
  EMPTY_DRAFT,
  fieldsOf,
  keepsSecret,
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

/** A connection that is changed, and its version as it was read. */
export interface ReadConnection {
  readonly connection: WireConnection
  readonly etag: string
}

export function ConnectionForm({
  known = [],
  read,
  onReadAgain,
  onClose,
}: {
  readonly known?: readonly WireConnection[]
  /** Undefined for a new one. */
  readonly read?: ReadConnection
  readonly onReadAgain?: () => void
  readonly onClose: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const done = useText(doneMessages)
  const before = read?.connection
  const frame = useFocusWithin(true, 'select, input')
  const [draft, setDraft] = useState(() => (before === undefined ? EMPTY_DRAFT : draftFrom(before)))
  const path = `${CONNECTIONS}/${encodeURIComponent(draft.name.trim())}`
  const condition = read === undefined ? { isNew: true } : { etag: read.etag }
  const attempt = useChange((body: object) =>
    call<WireConnectionCheckList>(path, { method: 'PUT', query: { dryRun: true }, body, ...condition }),
  )
  const keep = useChange(
    (body: object) => call(path, { method: 'PUT', body, ...condition }),
    () => (before === undefined ? done.connected : done.saved)(draft.name.trim()),
  )
  const isTaken = known.some(({ name }) => name.toLowerCase() === draft.name.trim().toLowerCase())
  const isReady = missingIn(draft, before).length === 0 && !isTaken
  const failure = keep.error ?? attempt.error
  const change = (changed: ConnectionDraft): void => {
    setDraft(changed)
    // What was tried was another.
    attempt.reset()
    keep.reset()
  }
  const isBusy = attempt.isPending || keep.isPending
  return (
    <div ref={frame}>
      <Card>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (isReady && !isBusy) attempt.mutate(bodyFrom(draft, before))
          }}
        >
          <Subtitle1 as="h2" className={styles.heading}>
            {before === undefined ? text.connect : text.editOf(before.name)}
          </Subtitle1>
          <Problem error={failure} />
          {failure instanceof ApiError && failure.kind === 'conflict' && onReadAgain !== undefined ? (
            <Button onClick={onReadAgain}>{text.readAgain}</Button>
          ) : null}
          <Kinds draft={draft} before={before} onChange={change} />
          {fieldsOf(draft)
            .filter((field) => before === undefined || field !== 'name')
            .map((field) => (
              <DraftInput key={field} field={field} draft={draft} before={before} isTaken={isTaken} onChange={change} />
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
                onClick={() => keep.mutate(bodyFrom(draft, before), { onSuccess: onClose })}
              >
                {(before === undefined ? text.connectWords : text.saveWords)[isFine(attempt.data) ? 'now' : 'anyway']}
              </Button>
            )}
            <Button onClick={onClose}>{text.cancel}</Button>
          </div>
        </form>
      </Card>
    </div>
  )
}

function isFine({ value }: WireConnectionCheckList): boolean {
  return value.every(({ status }) => status === 'ok')
}

interface DraftProps {
  readonly draft: ConnectionDraft
  readonly before: WireConnection | undefined
  readonly onChange: (draft: ConnectionDraft) => void
}

function Kinds({ draft, before, onChange }: DraftProps): ReactNode {
  const text = useText(settingsMessages)
  // Another cloud is another connection.
  const kind =
    before !== undefined ? null : (
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
        options={draft.cloud === 'custom' ? [...AZURE_CLOUDS, 'custom'] : AZURE_CLOUDS}
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
  before,
  isTaken,
  onChange,
}: DraftProps & { readonly field: DraftField; readonly isTaken: boolean }): ReactNode {
  const text = useText(settingsMessages)
  const isSecret = field === 'secret'
  const hint = isSecret && keepsSecret(draft, before) ? text.secretStays : text.hints[field]
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
