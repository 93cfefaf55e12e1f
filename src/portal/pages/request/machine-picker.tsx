/** Finds protected machines by name, on the server, and puts them into the form. */
import { Button, Combobox, Field, makeStyles, Option, Tag, TagGroup, Text, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useMachinesLike, useMachinesOf } from '../../api/machines.ts'
import { useRequests } from '../../api/queries.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { useText } from '../../language.tsx'
import { useFocusWithin } from '../../parts/focus-within.ts'
import { useOpener } from '../../parts/opener.ts'
import { requestMessages } from './request.messages.ts'

const useStyles = makeStyles({
  picker: { display: 'grid', gap: tokens.spacingVerticalS, maxWidth: '40rem' },
  before: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
})

export function MachinePicker({
  chosen,
  onChoose,
}: {
  readonly chosen: readonly WireMachine[]
  readonly onChoose: (chosen: readonly WireMachine[]) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const opener = useOpener()
  const [typed, setTyped] = useState('')
  // Whoever comes to ask for a machine types its name at once.
  const [isFirst] = useState(chosen.length === 0)
  const frame = useFocusWithin(isFirst, 'input')
  const found = useMachinesLike(typed, { category: 'configured' })
  const offered = (found.data?.value ?? []).filter(
    (machine) => machine.ports.length > 0 && !chosen.some(({ id }) => id === machine.id),
  )
  return (
    <div ref={frame} className={styles.picker}>
      <Field label={text.machines} hint={text.machinesHint}>
        <Combobox
          freeform
          expandIcon={opener}
          value={typed}
          selectedOptions={[]}
          onChange={({ target }) => setTyped(target.value)}
          onOptionSelect={(event, { optionValue }) => {
            // Who only goes on with the tab key has chosen nothing, whatever the list points at.
            if (typed.trim() === '' && 'key' in event && event.key === 'Tab') return
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
      <AskedBefore chosen={chosen} onChoose={(machine) => onChoose([...chosen, machine])} />
      <TagGroup
        aria-label={text.machines}
        onDismiss={(_, { value }) => onChoose(chosen.filter(({ id }) => id !== value))}
      >
        {chosen.map((machine) => (
          <Tag key={machine.id} value={machine.id} dismissible aria-label={text.takeOut(machine.name)}>
            {machine.name}
          </Tag>
        ))}
      </TagGroup>
    </div>
  )
}

const LOOKED_AT = 20
const MOST_OFFERED = 5

/** Most people go where they went before. */
function AskedBefore({
  chosen,
  onChoose,
}: {
  readonly chosen: readonly WireMachine[]
  readonly onChoose: (machine: WireMachine) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const mine = useRequests({ mine: true, top: LOOKED_AT })
  const ids = (mine.data?.value ?? []).flatMap(({ grants }) => grants.map(({ machine }) => machine))
  const machines = useMachinesOf(ids).data ?? []
  const able = machines
    .filter(({ id, ports }) => ports.length > 0 && !chosen.some((one) => one.id === id))
    .toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
  if (able.length === 0) return null
  return (
    <div className={styles.before}>
      <Text size={200}>{text.askedBefore}</Text>
      {able.slice(0, MOST_OFFERED).map((machine) => (
        <Button key={machine.id} size="small" shape="circular" title={machine.id} onClick={() => onChoose(machine)}>
          {machine.name}
        </Button>
      ))}
    </div>
  )
}
