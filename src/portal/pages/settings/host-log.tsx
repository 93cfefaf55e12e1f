/** The newest lines of the log of a host's agent. */
import {
  Button,
  Drawer,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/call.ts'
import type { WireHostLogs } from '../../../contract/host.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Problem } from '../../parts/problem.tsx'
import { useReturnFocus } from '../../parts/return-focus.ts'
import { Loading } from '../../parts/states.tsx'
import { hostPath } from './host-path.ts'
import { hostMessages } from './hosts.messages.ts'

const useStyles = makeStyles({
  lines: { listStyleType: 'none', margin: 0, padding: 0, fontFamily: tokens.fontFamilyMonospace },
  line: { overflowWrap: 'anywhere' },
})

export function HostLog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactNode {
  const styles = useStyles()
  useReturnFocus()
  const text = useText(hostMessages)
  const formats = useFormats()
  // Asked of the host itself, and so once, not at every change.
  const log = useQuery({
    queryKey: ['host-log', name],
    meta: { isReadOnRequest: true },
    gcTime: 0,
    retry: false,
    queryFn: ({ signal }) => call<WireHostLogs>(`${hostPath(name)}/logs`, { signal, query: { lines: 200 } }),
  })
  return (
    <Drawer
      type="overlay"
      position="end"
      size="large"
      open
      onOpenChange={(_, { open }) => (open ? undefined : onClose())}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" icon={<DismissRegular />} aria-label={text.close} onClick={onClose} />}
        >
          {text.logOf(name)}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        {log.isPending ? <Loading /> : null}
        <Problem error={log.error} />
        {log.data === undefined ? null : log.data.value.length === 0 ? (
          <Text>{text.noLog}</Text>
        ) : (
          <ul className={styles.lines}>
            {log.data.value.map(({ at, level, text: line }, order) => (
              <li key={`${at} ${order}`} className={styles.line}>
                {`${formats.moment(Date.parse(at))} ${level} ${line}`}
              </li>
            ))}
          </ul>
        )}
      </DrawerBody>
    </Drawer>
  )
}
