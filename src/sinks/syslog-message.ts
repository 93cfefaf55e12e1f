/** An audit event as a syslog message (RFC 5424): facts that a SIEM sorts by as structured data, the whole as JSON. */
import { auditLineFrom } from '../domain/audit/audit-line.ts'
import type { StoredAuditEvent } from '../domain/audit/audit.ts'

export interface SyslogOrigin {
  readonly facility: number
  readonly hostname: string
  readonly installation: string
}

/** RFC 5424 table 2: warning, and notice (normal but significant). */
const WARNING = 4
const NOTICE = 5
/** Private enterprise numbers are assigned; 32473 is for documentation (RFC 5612), and the name says whose it is. */
const ELEMENT = 'sallyport@32473'

export function syslogMessage(event: StoredAuditEvent, { facility, hostname, installation }: SyslogOrigin): string {
  const line = auditLineFrom(event)
  const priority = facility * 8 + (line.outcome === 'succeeded' ? NOTICE : WARNING)
  const facts = { id: `${installation}/${line.seq}`, outcome: line.outcome, actor: line.actor, target: line.target }
  const data = Object.entries(facts).map(([name, value]) => ` ${name}="${escaped(value)}"`)
  const header = `<${priority}>1 ${line.at} ${printable(hostname, 255)} sallyport - ${printable(line.action, 32)}`
  return `${header} [${ELEMENT}${data.join('')}] \uFEFF${JSON.stringify(line)}`
}

/** RFC 5424 §6.3.3. */
function escaped(text: string): string {
  return text.replaceAll(/["\\\]]/g, '\\$&').replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
}

/** PRINTUSASCII of RFC 5424 §6; `-` for nothing. */
function printable(text: string, longest: number): string {
  const plain = text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, longest)
  return plain === '' ? '-' : plain
}
