/** The AWS side of an installation, connected to moto without a server around it. */
import type { CloudSide, OpenConnection } from '../../src/app/ports/clouds.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { AwsSettings } from '../../src/domain/clouds/connection.ts'
import { parseResourceId, resourceKey } from '../../src/domain/resource-id.ts'
import { openAws } from '../../src/drivers/aws/open-aws.ts'
import { SUBSCRIPTION, valueOf } from '../support/builders.ts'
import { ACCOUNT, KEYS, REGION } from './moto-account.ts'

export interface MotoSide {
  readonly side: CloudSide
  readonly connection: OpenConnection
}

export async function motoSide(url: string, more: Partial<AwsSettings> = {}): Promise<MotoSide> {
  const side = await openAws({ clock: { now: () => Date.now() }, environment: {} })
  const id = valueOf(
    parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/default/providers/Microsoft.Security/securityConnectors/aws`,
    ),
  )
  const settings: AwsSettings = {
    kind: 'aws',
    drift: 'repair',
    refreshEvery: 60_000,
    credential: { kind: 'staticKeys', accessKeyId: KEYS.accessKeyId },
    accounts: [],
    regions: [REGION],
    endpoint: url,
    belt: false,
    ...more,
  }
  const connection: OpenConnection = {
    id,
    key: resourceKey(id),
    name: 'aws',
    settings,
    hasSecret: true,
    secret: KEYS.secretAccessKey,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
  }
  await side.connect([connection])
  return { side, connection }
}

export function motoPoint(vpc: string): PointId {
  return `aws:${ACCOUNT}/${REGION}/${vpc}` as PointId
}
