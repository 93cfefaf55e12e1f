/** How to connect to an open port: the line to type, ready to copy; for RDP a file as well. */
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { connectLine, reachOf } from '../../contract/connect-line.ts'
import type { WireMachine } from '../../contract/machine.ts'
import type { WireGrant } from '../../contract/request.ts'
import type { Reach } from '../../domain/access/reach.ts'
import { useText } from '../language.tsx'
import { CopyButton } from './copy-button.tsx'
import { grantMessages } from './grant-table.messages.ts'
import { useLoginName } from './login-name.tsx'

const useStyles = makeStyles({
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  // The button stays beside what it copies.
  copied: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS, minWidth: 0 },
  code: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
})

export function ConnectLine({
  machine,
  grant,
}: {
  readonly machine: WireMachine | undefined
  readonly grant: Pick<WireGrant, 'port' | 'state' | 'publicIpAddress' | 'mappedPort'>
}): ReactNode {
  const styles = useStyles()
  const text = useText(grantMessages)
  const user = useLoginName()
  if (grant.state !== 'open' || machine === undefined) return '–'
  const line = connectLine(machine, { ...grant, user })
  return (
    <span className={styles.line}>
      <span className={styles.copied}>
        <code className={styles.code}>{line}</code>
        <CopyButton value={line} />
      </span>
      {grant.port === 3389 ? (
        <Button size="small" as="a" href={rdpFile(reachOf(machine, grant))} download={`${machine.name}.rdp`}>
          {text.rdpFile}
        </Button>
      ) : null}
    </span>
  )
}

function rdpFile({ publicIpAddress: host, mappedPort: port }: Reach): string {
  const address = port === 3389 ? host : `${host}:${port}`
  const lines = [`full address:s:${address}`, 'prompt for credentials:i:1', 'administrative session:i:1', '']
  return `data:application/x-rdp;charset=utf-8,${encodeURIComponent(lines.join('\r\n'))}`
}
