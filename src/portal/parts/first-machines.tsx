/** What stands in the place of machines where there are none at all: where they come from, for who may bring them. */
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { useHostScope, useMay } from '../api/may.ts'
import type { WireMachineList } from '../../contract/machine.ts'
import { ENROLL_HOST, WRITE_CONNECTION } from '../../domain/roles/required-actions.ts'
import { useText } from '../language.tsx'
import { firstMachinesMessages } from './first-machines.messages.ts'
import { Empty } from './states.tsx'

const useStyles = makeStyles({
  deeds: { display: 'flex', flexWrap: 'wrap', justifyContent: 'center', gap: tokens.spacingHorizontalS },
})

/** None, whatever tab and search; undefined while that is not known. */
export function hasNoMachines(counts: WireMachineList['counts']): boolean | undefined {
  return counts === undefined ? undefined : Object.values(counts).every((count) => count === 0)
}

export function FirstMachines(): ReactNode {
  const styles = useStyles()
  const text = useText(firstMachinesMessages)
  const may = useMay(useHostScope())
  const [mayConnect, mayEnroll] = [may(WRITE_CONNECTION), may(ENROLL_HOST)]
  const deeds = (
    <span className={styles.deeds}>
      {mayConnect ? (
        <RouteLink href="/settings" asChild>
          <Button as="a" appearance="primary">
            {text.cloud}
          </Button>
        </RouteLink>
      ) : null}
      {mayEnroll ? (
        <RouteLink href="/settings?tab=hosts" asChild>
          <Button as="a">{text.host}</Button>
        </RouteLink>
      ) : null}
    </span>
  )
  return (
    <Empty title={text.title} action={deeds}>
      {mayConnect || mayEnroll ? text.mayConnect : text.mayNot}
    </Empty>
  )
}
