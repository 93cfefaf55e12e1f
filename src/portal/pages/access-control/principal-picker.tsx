/** Chooses who: by name among those that this installation knows, or by the object id of another issuer's person. */
import { Combobox, Field, Option } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { accessMessages } from './access-control.messages.ts'
import { calledIn, usePrincipals } from './directory.ts'

const MOST_OFFERED = 50

export function PrincipalPicker({
  principal,
  onChoose,
  label,
}: {
  readonly principal: string
  readonly onChoose: (id: string) => void
  readonly label: string
}): ReactNode {
  const text = useText(accessMessages)
  const principals = usePrincipals()
  const [typed, setTyped] = useState<string>()
  const wanted = (typed ?? '').toLowerCase()
  const offered = principals
    .filter(({ name, id }) => `${name} ${id}`.toLowerCase().includes(wanted))
    .slice(0, MOST_OFFERED)
  const finish = (): void => {
    if (typed === undefined) return
    const named = principals.find(({ name }) => name.toLowerCase() === typed.trim().toLowerCase())
    onChoose(named?.id ?? typed.trim())
    setTyped(undefined)
  }
  return (
    <Field label={label} hint={text.principalHint}>
      <Combobox
        freeform
        value={typed ?? calledIn(principals, principal)}
        selectedOptions={[principal]}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={finish}
        onOptionSelect={(_, { optionValue }) => {
          setTyped(undefined)
          if (optionValue !== undefined) onChoose(optionValue)
        }}
      >
        {offered.map(({ id, name, kind }) => (
          <Option key={id} value={id} text={name}>
            {`${name} (${text.kinds[kind]})`}
          </Option>
        ))}
      </Combobox>
    </Field>
  )
}
