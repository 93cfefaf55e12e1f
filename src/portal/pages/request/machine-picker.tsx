/** Finds protected machines by name, on the server, and puts them into the form. */
import { Combobox, Field, makeStyles, Option, Tag, TagGroup, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useMachinesLike } from '../../api/machines.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { useText } from '../../language.tsx'
import { requestMessages } from './request.messages.ts'

const useStyles = makeStyles({ picker: { display: 'grid', gap: tokens.spacingVerticalS, maxWidth: '40rem' } })

export function MachinePicker({
  chosen,
  onChoose,
}: {
  readonly chosen: readonly WireMachine[]
  readonly onChoose: (chosen: readonly WireMachine[]) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const [typed, setTyped] = useState('')
  const found = useMachinesLike(typed, { category: 'configured' })
  const offered = (found.data?.value ?? []).filter(
    (machine) => machine.ports.length > 0 && !chosen.some(({ id }) => id === machine.id),
  )
  return (
    <div className={styles.picker}>
      <Field label={text.machines} hint={text.machinesHint}>
        <Combobox
          freeform
          value={typed}
          selectedOptions={[]}
          onChange={({ target }) => setTyped(target.value)}
          onOptionSelect={(_, { optionValue }) => {
            const machine = offered.find(({ id }) => id === optionValue)
            if (machine !== undefined) onChoose([...chosen, machine])
            setTyped('')
          }}
        >
          {offered.map((machine) => (
            <Option key={machine.id} value={machine.id} text={machine.name}>
              {machine.name} ({machine.location})
            </Option>
          ))}
          {offered.length === 0 && found.data !== undefined ? (
            <Option disabled text="">
              {text.noneFound}
            </Option>
          ) : null}
        </Combobox>
      </Field>
      <TagGroup
        aria-label={text.machines}
        onDismiss={(_, { value }) => onChoose(chosen.filter(({ id }) => id !== value))}
      >
        {chosen.map((machine) => (
          <Tag key={machine.id} value={machine.id} dismissible>
            {machine.name}
          </Tag>
        ))}
      </TagGroup>
    </div>
  )
}
