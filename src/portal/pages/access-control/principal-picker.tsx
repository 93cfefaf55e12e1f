/** Chooses who: by name among those that this installation knows, or by the object id of another issuer's person. */
import { Option } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { accessMessages } from './access-control.messages.ts'
import { calledIn, usePrincipals } from './directory.ts'
import { NamePicker } from './name-picker.tsx'

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
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const offered = principals
    .filter(({ name, id }) => `${name} ${id}`.toLowerCase().includes(wanted))
    .slice(0, MOST_OFFERED)
  const leave = (left: string): true => {
    onChoose(principals.find(({ name }) => name.toLowerCase() === left.toLowerCase())?.id ?? left)
    return true
  }
  return (
    <NamePicker
      label={label}
      hint={text.principalHint}
      chosen={principal}
      shown={calledIn(principals, principal)}
      onType={setTyped}
      onPick={onChoose}
      onLeave={leave}
    >
      {offered.map(({ id, name, kind }) => (
        <Option key={id} value={id} text={name}>
          {`${name} (${text.kinds[kind]})`}
        </Option>
      ))}
    </NamePicker>
  )
}
