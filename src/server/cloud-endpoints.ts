/**
 * What Azure's clients read to learn where this cloud is (platform notes, "Custom cloud"): one cloud before api-version
 * 2018, a list of clouds after. The name is of letters only, because clients make it a key of theirs.
 */
import type { Cloud } from '../contract/installation.ts'

export function cloudEndpointsAt(base: string, apiVersion: string | undefined): object {
  const isList = apiVersion !== undefined && apiVersion >= '2018'
  return isList ? [cloudAt(base)] : oneCloudAt(base)
}

function oneCloudAt(base: string): object {
  return {
    name: 'Sallyport',
    resourceManager: base,
    galleryEndpoint: base,
    graphEndpoint: base,
    portalEndpoint: base,
    authentication: { loginEndpoint: `${base}/adfs`, audiences: [base] },
  }
}

function cloudAt(base: string): Cloud {
  return {
    name: 'Sallyport',
    portal: base,
    authentication: {
      loginEndpoint: `${base}/adfs`,
      audiences: [base],
      tenant: 'adfs',
      identityProvider: 'ADFS',
    },
    resourceManager: base,
    graph: base,
    graphAudience: base,
    microsoftGraphResourceId: base,
    gallery: base,
    media: base,
    batch: base,
    // Services that there are none of here; a name that cannot be resolved is better than Azure's own.
    suffixes: {
      storage: 'storage.invalid',
      keyVaultDns: 'vault.invalid',
      sqlServerHostname: 'database.invalid',
      acrLoginServer: 'azurecr.invalid',
      mysqlServerEndpoint: 'mysql.invalid',
      postgresqlServerEndpoint: 'postgres.invalid',
      mariadbServerEndpoint: 'mariadb.invalid',
    },
  }
}
