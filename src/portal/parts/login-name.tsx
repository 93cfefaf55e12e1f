/** What the reader is called on the machines themselves: typed once, kept in this browser, put into every line to connect. */
import { Field, Input, makeStyles } from '@fluentui/react-components'
import { useSyncExternalStore, type ReactNode } from 'react'
import { SOMEBODY } from '../../contract/connect-line.ts'
import { useText } from '../language.tsx'
import { grantMessages } from './grant-table.messages.ts'

const KEPT_AS = 'sallyport.login-name'
/** What stands in a line that is pasted into a shell must be nothing but a name. */
const A_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/

const listeners = new Set<() => void>()

function keep(name: string): void {
  if (name === '') localStorage.removeItem(KEPT_AS)
  else localStorage.setItem(KEPT_AS, name)
  for (const listener of listeners) listener()
}

function useTyped(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => localStorage.getItem(KEPT_AS) ?? '',
  )
}

/** Undefined as long as none was typed, or what was typed is none. */
export function useLoginName(): string | undefined {
  const typed = useTyped()
  return A_NAME.test(typed) ? typed : undefined
}

const useStyles = makeStyles({ field: { maxWidth: '20rem' } })

export function LoginName(): ReactNode {
  const styles = useStyles()
  const text = useText(grantMessages)
  const typed = useTyped()
  const isWrong = typed !== '' && !A_NAME.test(typed)
  return (
    <Field
      label={text.loginName}
      size="small"
      className={styles.field}
      {...(isWrong ? { validationState: 'error', validationMessage: text.noLoginName } : {})}
    >
      <Input
        size="small"
        placeholder={SOMEBODY}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(_, { value }) => keep(value.trim())}
      />
    </Field>
  )
}
