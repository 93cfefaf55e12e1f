/** Which sessions end with the rule that let them in, because AWS does not track them. */
import type { Guard, VpcScene } from './vpc-scene.ts'
import { isEverybody, type Traffic } from './group-rule.ts'

/**
 * A flow that everybody may begin and whose answers may go everywhere is not tracked: it is judged by the rules of every
 * moment, so closing ends it. Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
export function isUntracked({ interfacesOf, observed }: VpcScene, { instance }: Guard, rule: Traffic): boolean {
  if (!isEverybody(rule)) return false
  const groups = new Set((interfacesOf.get(instance) ?? []).flatMap((one) => one.groups))
  return observed.outbound.some((out) => groups.has(out.group) && out.peer === rule.peer && allowsAll(out, rule))
}

function allowsAll(out: Traffic, { protocol }: Traffic): boolean {
  return out.protocol === '-1' || (out.protocol === protocol && out.from <= 0 && (out.to === 65_535 || out.to === -1))
}
