/** One machine: what it is, how it stands, what is open on it, and the same full request as everywhere. */
import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Subtitle1,
  Text,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink, useSearch } from 'wouter'
import { needsAt, useLack, useMay } from '../../api/may.ts'
import { groupOf, nameOf, portText } from '../../api/names.ts'
import { useRequests, useServer } from '../../api/queries.ts'
import type { WireMachine, WireMachineList } from '../../../contract/machine.ts'
import { pairsOf } from '../../../domain/policy/label-selector.ts'
import { machineKindOf, READ_ACTIVITY } from '../../../domain/roles/required-actions.ts'
import { parseResourceId } from '../../../domain/resource-id.ts'
import { parseDuration } from '../../../domain/time.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Facts } from '../../parts/facts.tsx'
import { GrantTable, isLive, rowsOf } from '../../parts/grant-table.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { useNow } from '../../parts/now.ts'
import { Page } from '../../parts/page.tsx'
import { MachineReason } from '../../parts/words/reason.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { policyUrl } from '../policy/policy-url.ts'
import { RequestForm } from '../request/request.tsx'
import { Connected } from './connected.tsx'
import { machineMessages } from './machine.messages.ts'

export default function MachinePage(): ReactNode {
  const text = useText(machineMessages)
  const id = new URLSearchParams(useSearch()).get('id') ?? ''
  const query = useServer<WireMachineList>('/api/v1/machines', { ids: id, top: 1 })
  const [machine] = query.data?.value ?? []
  return (
    <Page
      title={machine === undefined ? text.title : machine.name}
      subtitle={machine === undefined ? '' : text.subtitle(groupOf(machine.id), machine.location)}
      actions={machine === undefined ? null : <Actions machine={machine} />}
    >
      <Loaded query={query}>
        {({ value: [found], counts }) => {
          if (found === undefined) return <Empty title={text.missing} />
          // Listed are the policies that the reader may see, counted is whether there is any.
          return found.policies.length === 0 && counts?.configured === 1 ? (
            <HiddenPolicy machine={found} />
          ) : (
            <Machine machine={found} />
          )
        }}
      </Loaded>
    </Page>
  )
}

function Actions({ machine }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machineMessages)
  const { id, ports } = machine
  const may = useMay(id)
  const lack = useLack(needsAt('configure', [machine]))
  return (
    <>
      {may(READ_ACTIVITY) ? (
        <RouteLink href={`/activity?${new URLSearchParams({ machine: id }).toString()}`} asChild>
          <Button as="a">{text.log}</Button>
        </RouteLink>
      ) : null}
      {ports.length === 0 || lack !== 'nothing' ? null : (
        <RouteLink href={policyUrl([id])} asChild>
          <Button as="a">{text.edit}</Button>
        </RouteLink>
      )}
    </>
  )
}

/** Protected by what the reader may not know: not to be called open. */
function HiddenPolicy({ machine }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machineMessages)
  const lack = useLack(needsAt('request', [machine]))
  return (
    <>
      <Unreachable since={machine.unreachableSince} />
      <Empty title={text.hiddenPolicy} action={<Lacks lack={lack} />} />
      <Card>
        <MachineFacts machine={machine} />
      </Card>
    </>
  )
}

const useStyles = makeStyles({ request: { display: 'grid', gap: tokens.spacingVerticalM, minWidth: 0 } })

function Machine({ machine }: { readonly machine: WireMachine }): ReactNode {
  const styles = useStyles()
  const text = useText(machineMessages)
  const mayAsk = useLack(needsAt('request', [machine]))
  return (
    <>
      <Unreachable since={machine.unreachableSince} />
      <Standing machine={machine} />
      {machine.ports.length === 0 ? null : <OpenNow machine={machine} />}
      {machine.ports.length === 0 || !tellsWhoIsConnected(machine) ? null : <Connected machine={machine} />}
      {machine.ports.length === 0 ? null : (
        <section aria-label={text.request} className={styles.request}>
          <Subtitle1 as="h2">{text.request}</Subtitle1>
          {mayAsk === 'nothing' ? <RequestForm machines={[machine]} isFixed /> : <Lacks lack={mayAsk} />}
        </section>
      )}
      <Card>
        <MachineFacts machine={machine} />
      </Card>
    </>
  )
}

/** Kernels do, clouds do not. */
function tellsWhoIsConnected({ id }: WireMachine): boolean {
  const parsed = parseResourceId(id)
  return parsed.ok && machineKindOf(parsed.value) === 'host'
}

/** Nobody hears from the agent that protects it. */
function Unreachable({ since }: { readonly since: string | undefined }): ReactNode {
  const text = useText(machineMessages)
  const formats = useFormats()
  const now = useNow()
  if (since === undefined) return null
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>{text.unreachable(formats.relative(Date.parse(since), now))}</MessageBarBody>
    </MessageBar>
  )
}

/** What is the matter with it, and what to do about that. */
function Standing({ machine }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machineMessages)
  const { id, posture, ports, unsupported } = machine
  const lack = useLack(needsAt('configure', [machine]))
  const reason = <MachineReason {...machine} />
  if (ports.length > 0) {
    const intent = posture?.health === 'Unhealthy' ? 'warning' : 'success'
    return posture === undefined && unsupported === undefined ? null : (
      <MessageBar intent={intent} layout="multiline">
        <MessageBarBody>{reason}</MessageBarBody>
      </MessageBar>
    )
  }
  if (posture?.category === 'unsupported' || unsupported !== undefined)
    return <Empty title={text.unsupported}>{reason}</Empty>
  return (
    <Empty
      title={text.notEnabled}
      action={
        <>
          <Text>{reason}</Text>
          {lack === 'nothing' ? (
            <RouteLink href={policyUrl([id])} asChild>
              <Button as="a" appearance="primary">
                {text.enable}
              </Button>
            </RouteLink>
          ) : (
            <Lacks lack={lack} />
          )}
        </>
      }
    >
      {text.notEnabledHint}
    </Empty>
  )
}

function OpenNow({ machine }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machineMessages)
  const requests = useRequests({ machine: machine.id, live: true, top: 100 })
  return (
    <Card>
      <Subtitle1 as="h2">{text.open}</Subtitle1>
      <Loaded query={requests}>
        {({ value }) => {
          const rows = rowsOf(value).filter(({ grant }) => isLive(grant))
          return rows.length === 0 ? (
            <Text>{text.nothingOpen}</Text>
          ) : (
            <GrantTable isOfOne rows={rows} label={text.open} />
          )
        }}
      </Loaded>
    </Card>
  )
}

function MachineFacts({ machine }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machineMessages)
  const formats = useFormats()
  const { os, privateAddresses, publicAddresses, points, policies, ports, labels } = machine
  const facts = {
    os,
    private: privateAddresses.join(', '),
    public: publicAddresses.join(', '),
    points: points.map(nameOf).join(', '),
    policy: policies.map(nameOf).join(', '),
    ports: ports
      .map(({ number, protocol, maxRequestAccessDuration, onExpiry = 'keep' }) => {
        const longest = parseDuration(maxRequestAccessDuration)
        const port = text.port(portText({ port: number, protocol }), longest.ok ? formats.span(longest.value) : '')
        return onExpiry === 'keep' ? port : text.atEnd[onExpiry](port)
      })
      .join('; '),
    labels: labels === undefined ? undefined : pairsOf(labels).join(', '),
  }
  return <Facts names={text.facts} facts={facts} />
}
