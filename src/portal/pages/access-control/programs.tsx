/** The own issuer's service principals, and what they sign in with. */
import { Badge, Field, Input, makeStyles, Select, Text, Textarea, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import { useChange } from '../../api/queries.ts'
import type { WireAddedCredential, WireCredential, WireServicePrincipal } from '../../../contract/identity.ts'
import { DELETE_PROGRAMS, WRITE_PROGRAMS } from '../../../domain/roles/identity-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Once } from '../../parts/once.tsx'
import { Problem } from '../../parts/problem.tsx'
import { PROGRAMS, usePrograms } from './directory.ts'
import { DirectoryList } from './directory-list.tsx'
import { directoryMessages } from './directory.messages.ts'
import { NewNamed } from './new-named.tsx'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'

const useStyles = makeStyles({
  credentials: { display: 'grid', gap: tokens.spacingVerticalXS, listStyleType: 'none', margin: 0, padding: 0 },
  credential: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  id: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
})

export function Programs(): ReactNode {
  const text = useText(directoryMessages)
  return (
    <DirectoryList
      query={usePrograms()}
      search={text.searchPrograms}
      make={text.newProgram}
      none={text.noPrograms}
      takes={WRITE_PROGRAMS}
      form={(onClose) => <NewNamed title={text.newProgram} path={PROGRAMS} onClose={onClose} />}
    >
      {(rows) => <ProgramTable rows={rows} />}
    </DirectoryList>
  )
}

function programPath({ id }: WireServicePrincipal): string {
  return `${PROGRAMS}/${encodeURIComponent(id)}`
}

function ProgramTable({ rows }: { readonly rows: readonly WireServicePrincipal[] }): ReactNode {
  const styles = useStyles()
  const text = useText(directoryMessages)
  const done = useText(doneMessages)
  const may = useMay('/')
  const [question, setQuestion] = useState<Question>()
  const [keyed, setKeyed] = useState<WireServicePrincipal>()
  const remove = useChange(
    ({ path }: { path: string; name: string }) => call(path, { method: 'DELETE' }),
    (_, { name }) => done.removed(name),
  )
  const deedsFor = (program: WireServicePrincipal): RowDeed[] => {
    const [path, { name }] = [programPath(program), program]
    const ask = (title: string, what: string, gone: { path: string; name: string }) => () =>
      setQuestion({ title, text: what, deed: text.remove, act: () => remove.mutate(gone) })
    const credentials = program.credentials.map((one) => ({
      label: text.removeCredential(one.hint),
      act: ask(text.removeCredential(one.hint), text.removeCredentialText, {
        path: `${path}/credentials/${one.id}`,
        name: one.hint,
      }),
    }))
    return [
      ...(may(WRITE_PROGRAMS) ? [{ label: text.addCredential, act: () => setKeyed(program) }, ...credentials] : []),
      ...(may(DELETE_PROGRAMS)
        ? [{ label: text.remove, act: ask(text.removeProgram(name), text.removeProgramText, { path, name }) }]
        : []),
    ]
  }
  const columns: readonly Column<WireServicePrincipal>[] = [
    { id: 'name', title: text.name, cell: ({ name, id }) => <span title={id}>{name}</span> },
    { id: 'app', title: text.clientId, cell: ({ appId }) => <code className={styles.id}>{appId}</code> },
    {
      id: 'credentials',
      title: text.credentials,
      cell: ({ credentials }) => <Credentials credentials={credentials} />,
    },
    {
      id: 'actions',
      title: text.actions,
      width: 6,
      cell: (program) => <RowMenu label={text.actionsOf(program.name)} deeds={deedsFor(program)} />,
    },
  ]
  return (
    <>
      <Problem error={remove.error} />
      <DataTable label={text.programs} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
      {keyed === undefined ? null : <AddCredential program={keyed} onClose={() => setKeyed(undefined)} />}
    </>
  )
}

function Credentials({ credentials }: { readonly credentials: readonly WireCredential[] }): ReactNode {
  const styles = useStyles()
  const text = useText(directoryMessages)
  const formats = useFormats()
  if (credentials.length === 0) return text.noCredentials
  return (
    <ul className={styles.credentials}>
      {credentials.map(({ id, kind, hint, endsAt }) => (
        <li key={id} className={styles.credential}>
          <Badge appearance="tint">{text.credentialKinds[kind]}</Badge>
          <code className={styles.id}>{hint}</code>
          <Text size={200}>{text.until(formats.moment(Date.parse(endsAt)))}</Text>
        </li>
      ))}
    </ul>
  )
}

const EMPTY = { kind: 'secret' as WireCredential['kind'], days: '365', pem: '', issuer: '', subject: '', audience: '' }

/** What each kind takes; anything else is not sent. */
function bodyOf({ kind, days, pem, issuer, subject, audience }: typeof EMPTY): object {
  switch (kind) {
    case 'secret':
      return { kind, days: Number(days) }
    case 'certificate':
      return { kind, pem }
    case 'federated':
      return { kind, issuer, subject, audience, days: Number(days) }
  }
}

function isWhole(draft: typeof EMPTY): boolean {
  const areDays = /^\d+$/.test(draft.days) && Number(draft.days) >= 1 && Number(draft.days) <= 730
  if (draft.kind === 'certificate') return draft.pem.trim() !== ''
  return (
    areDays && (draft.kind === 'secret' || [draft.issuer, draft.subject, draft.audience].every((one) => one !== ''))
  )
}

function AddCredential({
  program,
  onClose,
}: {
  readonly program: WireServicePrincipal
  readonly onClose: () => void
}): ReactNode {
  const text = useText(directoryMessages)
  const [draft, setDraft] = useState(EMPTY)
  const add = useChange(() =>
    call<WireAddedCredential>(`${programPath(program)}/credentials`, { method: 'POST', body: bodyOf(draft) }),
  )
  const field = (name: 'days' | 'issuer' | 'subject' | 'audience', hint?: string): ReactNode => (
    <Field label={text.credentialFields[name]} {...(hint === undefined ? {} : { hint })}>
      <Input
        value={draft[name]}
        autoComplete="off"
        onChange={(_, { value }) => setDraft({ ...draft, [name]: value })}
      />
    </Field>
  )
  return (
    <FormDialog
      title={text.addCredentialTo(program.name)}
      submit={text.add}
      isReady={isWhole(draft)}
      isPending={add.isPending}
      error={add.error}
      done={add.data?.secret === undefined ? null : <Secret added={add.data} />}
      onSubmit={() =>
        add.mutate(undefined, { onSuccess: ({ secret }) => (secret === undefined ? onClose() : undefined) })
      }
      onClose={onClose}
    >
      <Field label={text.kind}>
        <Select
          value={draft.kind}
          onChange={(_, { value }) => setDraft({ ...draft, kind: value as WireCredential['kind'] })} // our own options
        >
          {Object.entries(text.credentialKinds).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {draft.kind === 'certificate' ? (
        <Field label={text.pem} hint={text.pemHint}>
          <Textarea
            rows={6}
            spellCheck={false}
            value={draft.pem}
            onChange={(_, { value }) => setDraft({ ...draft, pem: value })}
          />
        </Field>
      ) : null}
      {draft.kind === 'federated' ? (
        <>
          {field('issuer', text.issuerHint)}
          {field('subject')}
          {field('audience')}
        </>
      ) : null}
      {draft.kind === 'certificate' ? null : field('days')}
    </FormDialog>
  )
}

function Secret({
  added: { servicePrincipal, tenant, secret = '' },
}: {
  readonly added: WireAddedCredential
}): ReactNode {
  const text = useText(directoryMessages)
  return (
    <Once
      secrets={[
        [text.clientId, servicePrincipal.appId],
        [text.tenant, tenant],
        [text.credentialKinds.secret, secret],
      ]}
    />
  )
}
