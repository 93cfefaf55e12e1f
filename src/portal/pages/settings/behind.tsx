/** The machines behind a gateway, which it protects though they run no agent: see them, name one, take one out. */
import {
  Button,
  Drawer,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  Field,
  Input,
  Link,
  makeStyles,
  Select,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange, useServer } from '../../api/queries.ts'
import type { WireHost } from '../../../contract/host.ts'
import { useText } from '../../language.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { Problem } from '../../parts/problem.tsx'
import { useReturnFocus } from '../../parts/return-focus.ts'
import { Loaded } from '../../parts/states.tsx'
import { hostPath } from './host-path.ts'
import { hostMessages } from './hosts.messages.ts'

const useStyles = makeStyles({
  body: { display: 'grid', gap: tokens.spacingVerticalL, alignContent: 'start' },
  form: { display: 'grid', gap: tokens.spacingVerticalM, maxWidth: '30rem' },
  add: { justifySelf: 'start' },
})

type Behind = WireHost['behind'][number]

function machinePath(host: string, machine: string): string {
  return `${hostPath(host)}/machines/${encodeURIComponent(machine)}`
}

export function MachinesBehind({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactNode {
  const styles = useStyles()
  useReturnFocus()
  const text = useText(hostMessages)
  const query = useServer<WireHost>(hostPath(name))
  return (
    <Drawer
      type="overlay"
      position="end"
      size="medium"
      open
      onOpenChange={(_, { open }) => (open ? undefined : onClose())}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" icon={<DismissRegular />} aria-label={text.close} onClick={onClose} />}
        >
          {text.behindOf(name)}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body}>
          <Loaded query={query}>
            {({ behind }) =>
              behind.length === 0 ? <Text>{text.nothingBehind}</Text> : <List host={name} rows={behind} />
            }
          </Loaded>
          <AddMachine host={name} />
        </div>
      </DrawerBody>
    </Drawer>
  )
}

function List({ host, rows }: { readonly host: string; readonly rows: readonly Behind[] }): ReactNode {
  const text = useText(hostMessages)
  const done = useText(doneMessages)
  const remove = useChange(
    ({ name }: Behind) => call(machinePath(host, name), { method: 'DELETE' }),
    (_, { name }) => done.removed(name),
  )
  const columns: readonly Column<Behind>[] = [
    { id: 'name', title: text.name, cell: ({ id, name }) => <span title={id}>{name}</span> },
    { id: 'addresses', title: text.addresses, cell: ({ addresses }) => addresses.join(', ') },
    { id: 'os', title: text.system, width: 6, cell: ({ os }) => os },
    {
      id: 'actions',
      title: text.actions,
      width: 7,
      cell: (row) => (
        <Link as="button" aria-label={text.takeOut(row.name)} onClick={() => remove.mutate(row)}>
          {text.deeds.remove}
        </Link>
      ),
    },
  ]
  return (
    <>
      <Problem error={remove.error} />
      <DataTable label={text.behindOf(host)} columns={columns} rows={rows} keyOf={({ id }) => id} />
    </>
  )
}

const EMPTY = { name: '', addresses: '', os: 'Linux' as Behind['os'] }

function AddMachine({ host }: { readonly host: string }): ReactNode {
  const styles = useStyles()
  const text = useText(hostMessages)
  const done = useText(doneMessages)
  const [draft, setDraft] = useState(EMPTY)
  const addresses = draft.addresses.split(/[\s,]+/).filter((address) => address !== '')
  const isReady = draft.name.trim() !== '' && addresses.length > 0
  const add = useChange(
    () => call(machinePath(host, draft.name.trim()), { method: 'PUT', body: { addresses, os: draft.os } }),
    () => done.saved(draft.name.trim()),
  )
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady && !add.isPending) add.mutate(undefined, { onSuccess: () => setDraft(EMPTY) })
      }}
    >
      <Subtitle2 as="h3">{text.addBehind}</Subtitle2>
      <Problem error={add.error} />
      <Field label={text.name} hint={text.nameHint}>
        <Input
          value={draft.name}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, { value }) => setDraft({ ...draft, name: value })}
        />
      </Field>
      <Field label={text.addresses} hint={text.behindHint}>
        <Input
          value={draft.addresses}
          autoComplete="off"
          spellCheck={false}
          onChange={(_, { value }) => setDraft({ ...draft, addresses: value })}
        />
      </Field>
      <Field label={text.system}>
        <Select
          value={draft.os}
          onChange={(_, { value }) => setDraft({ ...draft, os: value === 'Windows' ? value : 'Linux' })}
        >
          {(['Linux', 'Windows'] as const).map((os) => (
            <option key={os} value={os}>
              {os}
            </option>
          ))}
        </Select>
      </Field>
      <Button className={styles.add} type="submit" appearance="primary" disabled={!isReady || add.isPending}>
        {text.deeds.add}
      </Button>
    </form>
  )
}
