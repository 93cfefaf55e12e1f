/** Finds protected machines by name and puts them into the form. */
import { Combobox, Field, makeStyles, Option, Tag, TagGroup, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import type { WireMachine } from '../../../contract/machine.ts'
import { useText } from '../../language.tsx'
import { requestMessages } from './request.messages.ts'

/** Enough to choose from; more is found by typing more. */
const MOST_OFFERED = 50

const useStyles = makeStyles({ picker: { display: 'grid', gap: tokens.spacingVerticalS, maxWidth: '40rem' } })

export function MachinePicker({
  machines,
  chosen,
  onChoose,
}: {
  readonly machines: readonly WireMachine[]
  readonly chosen: readonly WireMachine[]
  readonly onChoose: (chosen: readonly WireMachine[]) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const [typed, setTyped] = useState('')
  const offered = machines
    .filter((machine) => machine.name.toLowerCase().includes(typed.toLowerCase()) && !chosen.includes(machine))
    .slice(0, MOST_OFFERED)
  return (
    <div className={styles.picker}>
      <Field label={text.machines} hint={text.machinesHint}>
        <Combobox
          freeform
          value={typed}
          selectedOptions={[]}
          onChange={({ target }) => setTyped(target.value)}
          onOptionSelect={(_, { optionValue }) => {
            const machine = machines.find(({ id }) => id === optionValue)
            if (machine !== undefined) onChoose([...chosen, machine])
            setTyped('')
          }}
        >
          {offered.map((machine) => (
            <Option key={machine.id} value={machine.id} text={machine.name}>
              {machine.name} ({machine.location})
            </Option>
          ))}
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
