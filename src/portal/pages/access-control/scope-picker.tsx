/** Chooses where: from what may be seen, by the name of a machine, or by a whole id that is typed or pasted. */
import { Combobox, Field, Option } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { parseScope } from '../../../domain/scope.ts'
import { accessMessages } from './access-control.messages.ts'
import { scopeText, useMachinesLike, useScopes } from './scopes.ts'

export function ScopePicker({
  scope,
  onChoose,
  hint,
}: {
  readonly scope: string
  readonly onChoose: (scope: string) => void
  readonly hint?: string
}): ReactNode {
  const text = useText(accessMessages)
  const [typed, setTyped] = useState<string>()
  const wanted = (typed ?? '').toLowerCase()
  const machines = useMachinesLike(typed ?? '')
  const scopes = useScopes().filter((one) => one.toLowerCase().includes(wanted))
  const parsed = typed?.startsWith('/') === true ? parseScope(typed) : undefined
  const wrong = parsed?.ok === false ? parsed.refusals[0]?.message : undefined
  const finish = (): void => {
    if (parsed?.ok === true) onChoose(parsed.value.id)
    if (parsed?.ok !== false) setTyped(undefined)
  }
  return (
    <Field
      label={text.scope}
      {...(hint === undefined ? {} : { hint })}
      {...(wrong === undefined ? {} : { validationState: 'error', validationMessage: wrong })}
    >
      <Combobox
        freeform
        value={typed ?? scopeText(scope, text.everywhere)}
        selectedOptions={[scope]}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={finish}
        onOptionSelect={(_, { optionValue }) => {
          setTyped(undefined)
          if (optionValue !== undefined) onChoose(optionValue)
        }}
      >
        {[...new Set([...scopes, ...machines])].map((one) => (
          <Option key={one} value={one} text={scopeText(one, text.everywhere)}>
            {one === '/' ? text.everywhere : one}
          </Option>
        ))}
      </Combobox>
    </Field>
  )
}
