/** The rules of made-up security groups: of three groups one opens SSH to all, one to an office, one to nobody. */
import { inboundRule } from '../test/support/inbound-rule.ts'

export function sshRules(group: number, priority: number): object[] {
  const [source] = [['*'], ['198.51.100.0/24'], []][group % 3] ?? []
  return source === undefined ? [] : [inboundRule('ssh', { priority, source })]
}
