/** Everything that is on record of one event. */
import {
  Button,
  Drawer,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { Fragment, type ReactNode } from 'react'
import type { WireAuditEvent } from '../../../contract/audit-event.ts'
import type { AuditAction } from '../../../domain/audit/audit.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useReturnFocus } from '../../parts/return-focus.ts'
import { actionNames, activityMessages } from './activity.messages.ts'
import { factNames } from './facts.messages.ts'

const useStyles = makeStyles({
  facts: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: tokens.spacingHorizontalM, margin: 0 },
  term: { color: tokens.colorNeutralForeground2 },
  fact: { margin: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
})

export function EventDrawer({
  event,
  onClose,
}: {
  readonly event: WireAuditEvent | undefined
  readonly onClose: () => void
}): ReactNode {
  const text = useText(activityMessages)
  const names = useText(actionNames)
  useReturnFocus(event !== undefined)
  return (
    <Drawer
      type="overlay"
      position="end"
      size="medium"
      open={event !== undefined}
      onOpenChange={(_, { open }) => (open ? undefined : onClose())}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={<Button appearance="subtle" icon={<DismissRegular />} aria-label={text.close} onClick={onClose} />}
        >
          {event === undefined ? text.details : (names[event.action as AuditAction] ?? event.action)}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>{event === undefined ? null : <Facts event={event} />}</DrawerBody>
    </Drawer>
  )
}

function Facts({ event }: { readonly event: WireAuditEvent }): ReactNode {
  const styles = useStyles()
  const text = useText(activityMessages)
  const formats = useFormats()
  const known: Readonly<Record<string, string | undefined>> = useText(factNames)
  const called = (name: string): string => known[name] ?? name
  const written = (value: unknown): string => writtenAs(value, (at) => formats.full(at))
  const { seq, at, actor, address, target, request, grant, hash } = event
  const own = { seq: String(seq), at: formats.full(Date.parse(at)), actor, address, target, request, grant, hash }
  const facts: readonly (readonly [string, string | undefined])[] = [
    [text.operation, event.action],
    ...Object.entries(own).map(([name, value]) => [text.facts[name as keyof typeof own], value] as const), // the object's own names
    ...Object.entries(event.data).map(([name, value]) => [called(name), written(value)] as const),
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value], order) =>
        value === undefined || value === '' ? null : (
          <Fragment key={order}>
            <dt className={styles.term}>{name}</dt>
            <dd className={styles.fact}>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  )
}

/** An instant, as it stands in events. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

function writtenAs(value: unknown, instant: (at: number) => string): string {
  if (typeof value === 'string') return INSTANT.test(value) ? instant(Date.parse(value)) : value
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value.join('\n')
  return JSON.stringify(value, undefined, 2)
}
