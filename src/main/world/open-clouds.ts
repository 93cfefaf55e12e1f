/** The clouds of this process: secrets under the installation's key, and each kind's libraries loaded when it is connected. */
import { Clouds } from '../../app/clouds/clouds.ts'
import type { App } from '../../app/app.ts'
import type { CloudDeps, CloudSide, SecretBox } from '../../app/ports/clouds.ts'
import type { Timer } from '../../app/convergence/reconciler.ts'
import type { ConnectionKind } from '../../domain/clouds/connection.ts'
import type { Config } from '../config/config.ts'
import { openInstallationKey } from '../installation/installation-key.ts'

export const CLOUD_PREFIXES: readonly string[] = ['azure:', 'aws:']

export async function openClouds(
  config: Config,
  { store, clock, log }: Pick<App, 'store' | 'clock' | 'log'>,
  timer: Timer,
): Promise<Clouds> {
  const secrets: SecretBox = await openInstallationKey(config)
  const loadSide = (kind: ConnectionKind): Promise<CloudSide> => loadCloudSide(kind, { clock, log })
  const clouds = new Clouds({ store, clock, log, secrets, loadSide, timer, chance: Math.random })
  await clouds
    .sync()
    .catch((cause: unknown) =>
      log.error({ cause }, 'the connections to clouds could not be opened; tried again every few seconds'),
    )
  return clouds
}

/** The libraries of a cloud take longer to load than the rest of the server: without a connection they are not. */
async function loadCloudSide(kind: ConnectionKind, deps: CloudDeps): Promise<CloudSide> {
  if (kind === 'azure') return (await import('../../drivers/azure/open-azure.ts')).openAzure(deps)
  return (await import('../../drivers/aws/open-aws.ts')).openAws({ ...deps, environment: process.env })
}
