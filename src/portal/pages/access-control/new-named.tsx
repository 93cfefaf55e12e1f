/** Makes something of which only the name is asked for: a group, a service principal. */
import { Field, Input } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import { useText } from '../../language.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { directoryMessages } from './directory.messages.ts'

export function NewNamed({
  title,
  path,
  onClose,
}: {
  readonly title: string
  /** Where such are made. */
  readonly path: string
  readonly onClose: () => void
}): ReactNode {
  const text = useText(directoryMessages)
  const done = useText(doneMessages)
  const [name, setName] = useState('')
  const make = useChange(
    () => call(path, { method: 'POST', body: { name: name.trim() } }),
    () => done.made(name.trim()),
  )
  return (
    <FormDialog
      title={title}
      submit={text.make}
      isReady={name.trim() !== ''}
      isPending={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Field label={text.name} required>
        <Input value={name} autoComplete="off" onChange={(_, { value }) => setName(value)} />
      </Field>
    </FormDialog>
  )
}
