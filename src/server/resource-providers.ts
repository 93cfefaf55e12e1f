/** The resource providers that are served, with their types: what clients look up to learn an api-version. */
import type { ArmProvider } from '../contract/arm-resources.ts'
import { API_VERSIONS } from '../contract/operations.ts'

const TYPES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Microsoft.Authorization': {
    roleAssignments: ['2022-04-01', '2020-04-01-preview'],
    roleDefinitions: ['2022-04-01', '2018-01-01-preview'],
  },
  'Microsoft.Compute': { virtualMachines: ['2022-08-01', '2020-06-01'] },
  'Microsoft.HybridCompute': { machines: ['2022-12-27'] },
  'Microsoft.Insights': { eventtypes: ['2015-04-01'] },
  'Microsoft.Network': {
    networkInterfaces: ['2022-07-01', '2022-01-01'],
    networkSecurityGroups: ['2022-07-01', '2022-01-01'],
    publicIPAddresses: ['2022-07-01', '2022-01-01'],
  },
  'Microsoft.Resources': { subscriptions: ['2021-01-01', '2019-11-01'], resourceGroups: ['2021-04-01'] },
  'Microsoft.Security': {
    locations: ['2015-06-01-preview'],
    'locations/jitNetworkAccessPolicies': API_VERSIONS.toReversed(),
    pricings: ['2023-01-01', '2022-03-01'],
  },
}

/** `scope`: the subscription. */
export function providersAt(scope: string, locations: readonly string[]): ArmProvider[] {
  return Object.entries(TYPES).map(([namespace, types]) => ({
    id: `${scope}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationFree',
    registrationState: 'Registered',
    resourceTypes: Object.entries(types).map(([resourceType, apiVersions]) => ({
      resourceType,
      locations: [...locations],
      apiVersions: [...apiVersions],
      capabilities: 'None',
    })),
  }))
}
