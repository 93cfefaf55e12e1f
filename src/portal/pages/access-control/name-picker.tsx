/** A field that finds something by what is typed. Who comes to it types anew, for all that stands in it is marked. */
import { Combobox, Field } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useOpener } from '../../parts/opener.ts'

export interface NamePickerProps {
  readonly label: string
  readonly hint?: string | undefined
  /** Why what is typed is not what it should be. */
  readonly wrong?: string | undefined
  /** The value of the option that is chosen, and how it is called. */
  readonly chosen: string
  readonly shown: string
  readonly onType: (typed: string) => void
  readonly onPick: (value: string) => void
  /** The field is left with this in it and nothing picked; false: it is wrong and stays. */
  readonly onLeave: (typed: string) => boolean
  readonly children: ReactNode
}

export function NamePicker({
  label,
  hint,
  wrong,
  chosen,
  shown,
  onType,
  onPick,
  onLeave,
  children,
}: NamePickerProps): ReactNode {
  const opener = useOpener()
  const [typed, setTyped] = useState<string>()
  const type = (text: string | undefined): void => {
    setTyped(text)
    onType(text ?? '')
  }
  const markAll = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void =>
    typed === undefined ? currentTarget.select() : undefined
  return (
    <Field
      label={label}
      {...(hint === undefined ? {} : { hint })}
      {...(wrong === undefined ? {} : { validationState: 'error', validationMessage: wrong })}
    >
      <Combobox
        freeform
        expandIcon={opener}
        value={typed ?? shown}
        selectedOptions={[chosen]}
        onFocus={markAll}
        onClick={markAll}
        onChange={({ target }) => type(target.value)}
        onBlur={() => (typed === undefined || !onLeave(typed.trim()) ? undefined : type(undefined))}
        onOptionSelect={(_, { optionValue }) => {
          // Undefined: what is typed is not what was chosen any more, which is no choice yet.
          if (optionValue === undefined) return
          type(undefined)
          onPick(optionValue)
        }}
      >
        {children}
      </Combobox>
    </Field>
  )
}
