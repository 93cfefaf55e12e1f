/** What the installation says of itself: who you are here, what ails it, whether it lives and serves. */
import type { CheckList, Whoami } from '../../contract/installation.ts'
import type { SignInPlace } from '../../contract/sign-in.ts'
import { authorize } from '../../app/identity/authorize.ts'
import { READ_ASSESSMENTS, READ_METRICS } from '../../domain/roles/required-actions.ts'
import { answered } from '../answer.ts'
import { cloudEndpointsAt } from '../cloud-endpoints.ts'
import type { Handlers } from '../call.ts'
import type { ServerDeps } from '../deps.ts'
import { refusedAnswer } from '../errors.ts'

type InstallationRoutes = Pick<
  Handlers,
  'Whoami' | 'Doctor' | 'Metrics' | 'Health' | 'Readiness' | 'CloudEndpoints' | 'SignInPlaces'
>

export function installationRoutes(deps: ServerDeps): InstallationRoutes {
  const { installation } = deps.app
  const scope = `/subscriptions/${installation.subscriptionId}`
  return {
    Whoami: async ({ caller: { name, principals, address } }) => {
      const { subscriptionId, resourceGroup, location } = installation
      const place = { subscriptionId, resourceGroup, location, version: deps.version }
      const whoami: Whoami = { name, principals: [...principals], address, ...place }
      return answered(whoami)
    },
    Doctor: async ({ caller }) => {
      const denied = await authorize(deps.app, caller, [{ anyOf: READ_ASSESSMENTS, scope }])
      if (denied.length > 0) return refusedAnswer(denied)
      const list: CheckList = { value: [...(await deps.doctor())] }
      return answered(list)
    },
    Metrics: async ({ caller }) => {
      const denied = await authorize(deps.app, caller, [{ anyOf: READ_METRICS, scope }])
      if (denied.length > 0) return refusedAnswer(denied)
      const { metrics } = deps
      return { status: 200, body: await metrics.metrics(), headers: { 'content-type': metrics.contentType } }
    },
    Health: async () => answered({ status: 'ok' }),
    Readiness: async () => {
      const reason = await deps.unready()
      return reason === undefined
        ? answered({ status: 'ok' })
        : { status: 503, body: { status: 'unavailable', text: reason } }
    },
    SignInPlaces: async ({ base }) => answered({ sallyport: 1, issuers: placesAt(base, deps.signIn ?? []) }),
    CloudEndpoints: async ({ base, query }) => {
      const [own] = placesAt(base, deps.signIn ?? []).filter(({ isOwn }) => isOwn)
      const known = own === undefined ? base : new URL(own.issuer).origin
      return answered(cloudEndpointsAt(known, query['api-version']))
    },
  }
}

/** The own issuer has an address for each name of the server: the one that the caller came to, else the first. */
function placesAt(base: string, places: readonly SignInPlace[]): SignInPlace[] {
  const own = places.filter(({ isOwn }) => isOwn)
  const here = own.find(({ issuer }) => new URL(issuer).origin === base) ?? own[0]
  return places.filter((place) => !place.isOwn || place === here)
}
