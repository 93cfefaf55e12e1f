/** The key that seals what the database must not tell: one for the installation, wherever something is sealed. */
import { join } from 'node:path'
import { openSealer, type Sealer } from '../../issuer/seal.ts'
import type { Config } from '../config/config.ts'

export function openInstallationKey({ issuerKeyFile, data }: Pick<Config, 'issuerKeyFile' | 'data'>): Promise<Sealer> {
  return openSealer(issuerKeyFile ?? join(data, 'issuer.key'))
}
