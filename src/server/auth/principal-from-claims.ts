/**
 * Who a verified token speaks of. Pure. A token that does not say enough is refused with what the issuer should be told;
 * nothing is ever guessed from it.
 */
import type { JWTPayload } from 'jose'
import { ok, refusal, refused, type Result } from '../../domain/refusal.ts'
import type { Principal } from '../deps.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

type Rules = Pick<TrustedIssuer, 'issuer' | 'claims' | 'prefix' | 'require'>

export function principalFromClaims(rules: Rules, token: JWTPayload): Result<Principal> {
  const { claims, prefix, require, issuer } = rules
  const wrong = Object.entries(require).find(([name, value]) => token[name] !== value)
  if (wrong !== undefined) return notAccepted(issuer, `its claim '${wrong[0]}' must be '${wrong[1]}'`)
  const objectId = firstText(token, claims.objectId)
  if (objectId === undefined) {
    const names = claims.objectId.map((name) => `'${name}'`).join(' or ')
    return notAccepted(
      issuer,
      `it has no claim ${names} that says who you are; let the issuer put it into access tokens`,
    )
  }
  const groups = groupsOf(token, claims.groups, issuer)
  if (!groups.ok) return groups
  const principals = [...new Set([objectId, ...groups.value].map((id) => `${prefix}${id}`))]
  const name = firstText(token, claims.name) ?? ''
  const through = throughIn(token, name)
  return ok({ name, principals, isBreakGlass: false, ...(through !== undefined && { through }) })
}

/** Longer chains are no use to a reader, and a token's size is the issuer's affair, not ours. */
const LONGEST_CHAIN = 5

/**
 * `act` names who acts for the subject, the present actor outermost (RFC 8693 §4.1). Without it, the application that a
 * person's token was given to; of a program's own token that is the program itself.
 */
function throughIn(token: JWTPayload, name: string): string | undefined {
  const chain: string[] = []
  let actor: unknown = token['act']
  while (typeof actor === 'object' && actor !== null && chain.length < LONGEST_CHAIN) {
    const claims = actor as JWTPayload // its members are looked at, not believed
    chain.push(firstText(claims, ['sub', 'client_id']) ?? 'unnamed')
    actor = claims['act']
  }
  if (chain.length > 0) return chain.join(' for ')
  const isProgram = name === '' || token['idtyp'] === 'app'
  return isProgram ? undefined : firstText(token, ['azp', 'appid', 'client_id'])
}

function notAccepted(issuer: string, why: string): Result<never> {
  return refused(
    refusal('InvalidAuthenticationToken', `The access token of '${issuer}' is valid but not accepted: ${why}.`),
  )
}

/** What is kept and shown must be visible text of a sane length. */
const VISIBLE = /^[^\p{Cc}\p{Cf}\p{Cs}]{1,256}$/u

function firstText(token: JWTPayload, names: readonly string[]): string | undefined {
  return names
    .map((name) => token[name])
    .find((value): value is string => typeof value === 'string' && VISIBLE.test(value))
}

/** An issuer leaves the groups out where there are too many of them: whoever is in 300 must not lose a right by that unnoticed. */
function groupsOf(token: JWTPayload, claim: string, issuer: string): Result<readonly string[]> {
  const value = token[claim]
  if (value === undefined) return isOverAge(token, claim) ? refused(overAge(issuer)) : ok([])
  const groups: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (groups.every((group): group is string => typeof group === 'string' && VISIBLE.test(group))) return ok(groups)
  return notAccepted(issuer, `its claim '${claim}' should be a list of texts`)
}

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#groups-overage-claim */
function isOverAge(token: JWTPayload, claim: string): boolean {
  const elsewhere = token['_claim_names']
  const named = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim)
  return named || [true, 'true'].includes(token['hasgroups'] as boolean | string) // any other value is no sign of it
}

function overAge(issuer: string): ReturnType<typeof refusal> {
  const todo =
    "let the issuer send only the groups assigned to this application ('groupMembershipClaims': 'ApplicationGroup'), or belong to fewer"
  return refusal(
    'TooManyGroups',
    `You are in more groups than '${issuer}' puts into a token, so your rights cannot be known; ${todo}.`,
  )
}
