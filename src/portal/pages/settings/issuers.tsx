/** Whose tokens are taken here, who may sign in there, and whether each answers. Where they are set is the server's configuration. */
import { Badge, Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useServer } from '../../api/queries.ts'
import type { WireIssuer, WireIssuerList } from '../../../contract/issuer.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Ago } from '../../parts/ago.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { standingMessages } from './standing.messages.ts'

const useStyles = makeStyles({
  problem: { display: 'block', color: tokens.colorPaletteRedForeground1 },
  list: { margin: 0, padding: 0, listStyleType: 'none' },
})

const COLOURS = { own: 'brand', read: 'success', failing: 'danger' } as const

export function Issuers(): ReactNode {
  const text = useText(standingMessages)
  return (
    <Loaded query={useServer<WireIssuerList>('/api/v1/issuers')}>
      {({ value }) =>
        value.length === 0 ? (
          <Empty title={text.noIssuers}>{text.noIssuersHint}</Empty>
        ) : (
          <Card>
            <Text>{text.issuersText}</Text>
            <IssuerTable rows={value} />
          </Card>
        )
      }
    </Loaded>
  )
}

function IssuerTable({ rows }: { readonly rows: readonly WireIssuer[] }): ReactNode {
  const styles = useStyles()
  const text = useText(standingMessages)
  const formats = useFormats()
  const columns: readonly Column<WireIssuer>[] = [
    {
      id: 'issuer',
      title: text.issuer,
      least: 11,
      cell: ({ issuer, isOwn }) => (isOwn ? formats.named(text.own, issuer) : issuer),
    },
    {
      id: 'keys',
      title: text.keys,
      width: 9.5,
      cell: ({ keys: { state, problem } }) => (
        <>
          <Badge appearance="tint" color={COLOURS[state]}>
            {text.keyStates[state]}
          </Badge>
          {problem === undefined ? null : (
            <Text size={200} className={styles.problem}>
              {problem}
            </Text>
          )}
        </>
      ),
    },
    { id: 'read', title: text.lastRead, width: 8, cell: ({ keys }) => <Ago at={keys.readAt} /> },
    {
      id: 'who',
      title: text.signsIn,
      width: 10,
      cell: ({ signsIn }) =>
        signsIn.length === 0 ? text.programs : formats.list(signsIn.map((one) => text.ways[one])),
    },
    {
      id: 'audiences',
      title: text.audiences,
      least: 11,
      cell: ({ audiences }) => (
        <ul className={styles.list}>
          {audiences.map((audience) => (
            <li key={audience}>{audience}</li>
          ))}
        </ul>
      ),
    },
    { id: 'prefix', title: text.prefix, width: 6, cell: ({ prefix }) => (prefix === '' ? '–' : prefix) },
  ]
  return <DataTable label={text.issuers} columns={columns} rows={rows} keyOf={({ issuer }) => issuer} />
}
