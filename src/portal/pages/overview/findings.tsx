/** What a person should look at: which firewall, of which machines, what is the matter, and since when. */
import { Card, Link, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { ApiError } from '../../api/call.ts'
import { nameOf } from '../../api/names.ts'
import { useServer } from '../../api/queries.ts'
import type { WireFinding, WireFindingList } from '../../../contract/finding.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Saying } from '../../parts/words/reason.tsx'
import { Loaded } from '../../parts/states.tsx'
import { stepMessages } from '../../parts/words/steps.messages.ts'
import { overviewMessages } from './overview.messages.ts'

const MOST_MACHINES = 5

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: tokens.spacingHorizontalXL, display: 'grid', gap: tokens.spacingVerticalS },
  detail: { display: 'block', color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
})

export function useFindings() {
  return useServer<WireFindingList>('/api/v1/findings')
}

/** `isQuiet`: where there is nothing to look after, that all is well is not said either. */
export function Findings({ isQuiet }: { readonly isQuiet: boolean }): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const query = useFindings()
  if (isQuiet && query.data?.value.length === 0) return null
  // Who may not read them has no use for an empty frame.
  if (query.error instanceof ApiError && query.error.kind === 'refused') return null
  return (
    <Card>
      <Subtitle1 as="h2">{text.findings}</Subtitle1>
      <Loaded query={query}>
        {({ value }) =>
          value.length === 0 ? (
            <Text>{text.noFindings}</Text>
          ) : (
            <ul className={styles.list}>
              {value.map((finding) => (
                <Finding key={`${finding.kind} ${finding.point}`} finding={finding} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}

function Finding({ finding }: { readonly finding: WireFinding }): ReactNode {
  const text = useText(overviewMessages)
  const formats = useFormats()
  const { kind, point, machines, since, by = [], failures = 0, grants = 0 } = finding
  return (
    <li>
      <Text weight="semibold">{formats.named(nameOf(point), '')}</Text>
      {text.finding[kind]({ by: formats.list(by), failures, grants })}
      {since === undefined ? null : ` (${text.since(formats.moment(Date.parse(since)))})`}
      {machines.slice(0, MOST_MACHINES).map((id) => (
        <span key={id}>
          {' '}
          <RouteLink href={`/machine?${new URLSearchParams({ id }).toString()}`} asChild>
            <Link inline>{nameOf(id)}</Link>
          </RouteLink>
        </span>
      ))}
      <Details finding={finding} />
    </li>
  )
}

/** What would put it right, why it failed in the words of whoever refused it, or who is connected. */
function Details({ finding }: { readonly finding: WireFinding }): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const { told = [], reason, connected, kind, grants = 0 } = finding
  return (
    <>
      {told.map((step) => (
        <Text key={step.text} size={200} className={styles.detail}>
          <Saying said={step} words={stepMessages} />
        </Text>
      ))}
      {reason === undefined ? null : (
        <Text size={200} className={styles.detail} lang="en">
          {reason}
        </Text>
      )}
      {connected === undefined ? null : (
        <Text size={200} className={styles.detail}>
          {text.connected(connected)}
        </Text>
      )}
      {kind === 'unreachable' && grants > 0 ? (
        <Text size={200} className={styles.detail}>
          {text.finding.overdue({ by: '', failures: 0, grants })}
        </Text>
      ) : null}
    </>
  )
}
