/** One region of one account, through one connection: its clients, and its quotas, which are read once an hour. */
import type { SchedulerClient } from '@aws-sdk/client-scheduler'
import type { Clock } from '../../app/ports/clock.ts'
import type { OpenConnection } from '../../app/ports/clouds.ts'
import type { AwsAccount, AwsSettings } from '../../domain/clouds/connection.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Belt } from './belt.ts'
import { credentialsFor, type Credentials, type Environment } from './credentials.ts'
import type { Ec2 } from './ec2.ts'
import { patientBelt, type PatientBelt } from './patient-belt.ts'
import { sdkBelt } from './sdk-belt.ts'
import { sdkEc2 } from './sdk-ec2.ts'
import type { Quotas } from './vpc-state.ts'

/** The SDK, loaded when there is something to ask. */
export interface Sdk {
  readonly ec2: typeof import('@aws-sdk/client-ec2')
  readonly sts: typeof import('@aws-sdk/client-sts')
  readonly quotas: typeof import('@aws-sdk/client-service-quotas')
  readonly providers: typeof import('@aws-sdk/credential-providers')
}

export async function loadSdk(): Promise<Sdk> {
  const [ec2, sts, quotas, providers] = await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-sts'),
    import('@aws-sdk/client-service-quotas'),
    import('@aws-sdk/credential-providers'),
  ])
  return { ec2, sts, quotas, providers }
}

export interface Region {
  readonly name: string
  readonly settings: AwsSettings
  readonly config: ClientConfig
  /** The account that the credentials belong to, as AWS says. */
  account(signal: AbortSignal): Promise<string>
  ec2(signal: AbortSignal): Promise<Ec2>
  /** Undefined where it is off. */
  readonly belt: PatientBelt | undefined
  /** What the account tells; else what the settings say; else what AWS gives everybody. */
  quotas(signal: AbortSignal): Promise<Quotas>
  close(): void
}

export interface ClientConfig {
  readonly region: string
  readonly endpoint?: string
  readonly credentials: Credentials
  readonly retryMode: 'standard'
  readonly maxAttempts: number
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number }
}

export interface RegionOf {
  readonly sdk: Sdk
  readonly clock: Clock
  readonly connection: OpenConnection
  readonly settings: AwsSettings
  readonly account: AwsAccount | undefined
  readonly region: string
  readonly environment: Environment
}

const EVERYBODYS: Quotas = { rulesPerGroup: 60, groupsPerInterface: 5 }
/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const RULES_PER_GROUP = 'L-0EA8095F'
const GROUPS_PER_INTERFACE = 'L-2AFB9258'

export function openRegion({ sdk, clock, connection, settings, account, region, environment }: RegionOf): Region {
  const of = { providers: sdk.providers, settings, secret: connection.secret, region, environment }
  const config: ClientConfig = {
    region,
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    credentials: credentialsFor(of, account),
    // Backs off with jitter. Not `adaptive`, which after one throttled call slows all of a client down, to a call every two
    // seconds, while EC2 counts each kind of call apart.
    retryMode: 'standard',
    maxAttempts: 6,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
  }
  const client = new sdk.ec2.EC2Client(config)
  let schedules: SchedulerClient | undefined
  let belt: Belt | undefined
  let identity: Promise<string> | undefined
  let known: { readonly at: Instant; readonly quotas: Quotas } | undefined

  const openBelt = async (signal: AbortSignal): Promise<Belt> => {
    if (belt !== undefined) return belt
    const scheduling = await import('@aws-sdk/client-scheduler')
    schedules ??= new scheduling.SchedulerClient(config)
    belt = sdkBelt(scheduling, schedules, { account: await self.account(signal), region })
    return belt
  }
  const self: Region = {
    belt: settings.belt ? patientBelt(openBelt, clock) : undefined,
    name: region,
    settings,
    config,
    account: (signal) => {
      identity ??= askAccount(sdk, config, signal)
      // A failure is not remembered.
      identity.catch(() => (identity = undefined))
      return identity
    },
    ec2: async (signal) => sdkEc2({ sdk: sdk.ec2, client, account: await self.account(signal) }),
    quotas: async (signal) => {
      const now = clock.now()
      if (known !== undefined && now < known.at + HOUR) return known.quotas
      const ec2 = await self.ec2(signal)
      const told = await ec2.quotas(signal).catch(() => ({}))
      const quotas = { ...EVERYBODYS, ...settings.quotas, ...told, ...(await askQuotas(sdk, config, signal)) }
      known = { at: now, quotas }
      return quotas
    },
    close: () => {
      client.destroy()
      schedules?.destroy()
    },
  }
  return self
}

async function askAccount({ sts }: Sdk, config: ClientConfig, signal: AbortSignal): Promise<string> {
  const client = new sts.STSClient(config)
  try {
    const { Account } = await client.send(new sts.GetCallerIdentityCommand({}), { abortSignal: signal })
    if (Account === undefined) throw new Error('AWS does not say which account the credentials belong to')
    return Account
  } finally {
    client.destroy()
  }
}

/** Nobody need allow these calls: without them the settings and everybody's quotas hold. */
async function askQuotas({ quotas }: Sdk, config: ClientConfig, signal: AbortSignal): Promise<Partial<Quotas>> {
  const client = new quotas.ServiceQuotasClient(config)
  const ask = async (code: string): Promise<number | undefined> => {
    const command = new quotas.GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode: code })
    return (await client.send(command, { abortSignal: signal })).Quota?.Value
  }
  try {
    const [rules, groups] = await Promise.all([ask(RULES_PER_GROUP), ask(GROUPS_PER_INTERFACE)])
    return {
      ...(rules === undefined ? {} : { rulesPerGroup: rules }),
      ...(groups === undefined ? {} : { groupsPerInterface: groups }),
    }
  } catch {
    return {}
  } finally {
    client.destroy()
  }
}
