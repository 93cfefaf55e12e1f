/** Chooses where: from what may be seen, by the name of a machine, or by a whole id that is typed or pasted. */
import { makeStyles, Option, tokens } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useMachinesLike } from '../../api/machines.ts'
import { useText } from '../../language.tsx'
import { parseScope } from '../../../domain/roles/scope.ts'
import { useReasonText } from '../../parts/words/reason.tsx'
import { accessMessages } from './access-control.messages.ts'
import { NamePicker } from './name-picker.tsx'
import { useScopes, useScopeText } from './scopes.ts'

const useStyles = makeStyles({
  id: { display: 'block', color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
})

export function ScopePicker({
  scope,
  onChoose,
  hint,
}: {
  readonly scope: string
  readonly onChoose: (scope: string) => void
  readonly hint?: string
}): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const [typed, setTyped] = useState('')
  const offered = useOffered(typed)
  const called = useScopeText([scope, ...offered])
  const parsed = typed.startsWith('/') ? parseScope(typed) : undefined
  const wrong = parsed?.ok === false ? parsed.refusals[0] : undefined
  const reasonText = useReasonText()
  const leave = (): boolean => {
    if (parsed?.ok === true) onChoose(parsed.value.id)
    return parsed?.ok !== false
  }
  return (
    <NamePicker
      label={text.scope}
      hint={hint}
      wrong={wrong === undefined ? undefined : reasonText(wrong).text}
      chosen={scope}
      shown={called(scope)}
      onType={setTyped}
      onPick={onChoose}
      onLeave={leave}
    >
      {offered.map((one) => (
        <Option key={one} value={one} text={called(one)}>
          <span>
            {called(one)}
            {one === '/' ? null : <small className={styles.id}>{one}</small>}
          </span>
        </Option>
      ))}
    </NamePicker>
  )
}

/** Places with `typed` in their names or ids, then machines that are called so. */
function useOffered(typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase()
  const found = useMachinesLike(typed.startsWith('/') ? '' : typed).data?.value ?? []
  const scopes = useScopes()
  const called = useScopeText(scopes)
  const fitting = scopes.filter((one) => [one, called(one)].some((name) => name.toLowerCase().includes(wanted)))
  return [...new Set([...fitting, ...(wanted === '' ? [] : found.map(({ id }) => id))])]
}
