/** The first page: what is open, what should not be, who had access when, and what happened last. */
import { Button, Card, makeStyles, mergeClasses, Subtitle1, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { useMachines, useRequests } from '../../api/queries.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { GrantTable, rowsOf } from '../../parts/grant-table.tsx'
import { useNow } from '../../parts/now.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { overviewMessages } from './overview.messages.ts'
import { Timeline } from './timeline.tsx'

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(11rem, 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  number: {
    fontSize: tokens.fontSizeHero800,
    lineHeight: tokens.lineHeightHero800,
    fontWeight: tokens.fontWeightSemibold,
  },
  bad: { color: tokens.colorPaletteRedForeground1 },
  hint: { color: tokens.colorNeutralForeground2 },
})

export default function Overview(): ReactNode {
  const text = useText(overviewMessages)
  return (
    <Page
      title={text.title}
      subtitle={text.subtitle}
      actions={
        <RouteLink href="/request" asChild>
          <Button as="a" appearance="primary">
            {text.request}
          </Button>
        </RouteLink>
      }
    >
      <Cards />
      <Card>
        <Timeline />
      </Card>
      <Recent />
    </Page>
  )
}

function Cards(): ReactNode {
  const styles = useStyles()
  const now = useNow()
  const machines = useMachines()
  const live = useRequests({ live: true, top: 1_000 })
  const grants = live.data?.value.flatMap((request) => request.grants) ?? []
  const open = grants.filter(({ state }) => state === 'open' || state === 'closing')
  const overdue = open.filter(({ until }) => Date.parse(until) < now - 60_000)
  return (
    <div className={styles.cards}>
      <Figure name="protected" value={machines.data?.value.filter(({ ports }) => ports.length > 0).length} />
      <Figure name="open" value={live.data === undefined ? undefined : open.length} />
      <Figure name="overdue" value={live.data === undefined ? undefined : overdue.length} isBad={overdue.length > 0} />
    </div>
  )
}

function Figure({
  name,
  value,
  isBad = false,
}: {
  readonly name: 'protected' | 'open' | 'overdue' | 'unprotected'
  readonly value: number | undefined
  readonly isBad?: boolean
}): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const formats = useFormats()
  return (
    <Card>
      <Text>{text.cards[name]}</Text>
      <span className={mergeClasses(styles.number, isBad && styles.bad)}>
        {value === undefined ? '–' : formats.number(value)}
      </span>
      <Text size={200} className={styles.hint}>
        {text.hints[name]}
      </Text>
    </Card>
  )
}

function Recent(): ReactNode {
  const text = useText(overviewMessages)
  const query = useRequests({ top: 10 })
  return (
    <Card>
      <Subtitle1 as="h2">{text.recent}</Subtitle1>
      <Loaded query={query}>
        {({ value }) =>
          value.length === 0 ? (
            <Empty title={text.nothing} />
          ) : (
            <GrantTable rows={rowsOf(value).slice(0, 10)} label={text.recent} />
          )
        }
      </Loaded>
      <RouteLink href="/activity" asChild>
        <Button as="a" appearance="transparent">
          {text.all}
        </Button>
      </RouteLink>
    </Card>
  )
}
