/**
 * What Azure refuses in the rules of a network security group. Codes and texts are quoted from public reports
 * (SecurityRuleConflict: hashicorp/terraform-provider-azurerm issue 11137; SecurityRuleInvalidAddressPrefix: issue 16761;
 * SecurityRuleParameterContainsUnsupportedValue: issue 5617; ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies:
 * gardener/gardener-extension-provider-azure pull request 397; OverlappingSubnetsNotPermittedInSecurityRule:
 * kubernetes-sigs/cloud-provider-azure issue 6775);
 * limits are https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits and
 * .../resource-name-rules. A text marked "ours" was found nowhere; its code and status were.
 */
import { parseIpPrefix, prefixContains, type IpPrefix } from '../../src/domain/net.ts'
import { parsePortRange } from '../../src/domain/security-groups/port-range.ts'
import { DEFAULT_RULES } from './default-rules.ts'
import { ArmError, isJson, listAt, textAt, type Json } from './wire.ts'

export interface Rule {
  readonly name: string
  readonly properties: Json
}

/** "Security rules per NSG: 1,000". */
const MOST_RULES = 1_000
/** "1-80: alphanumerics, underscores, periods, and hyphens. Start with alphanumeric. End alphanumeric or underscore." */
const NAME = /^[A-Za-z0-9](?:[\w.-]{0,78}\w)?$/
const LONGEST_DESCRIPTION = 140

const PLURAL = {
  sourcePortRange: 'sourcePortRanges',
  destinationPortRange: 'destinationPortRanges',
  sourceAddressPrefix: 'sourceAddressPrefixes',
  destinationAddressPrefix: 'destinationAddressPrefixes',
} as const

const KNOWN = new Set<string>([
  ...Object.keys(PLURAL),
  ...Object.values(PLURAL),
  'description',
  'protocol',
  'access',
  'priority',
  'direction',
  'provisioningState',
  'sourceApplicationSecurityGroups',
  'destinationApplicationSecurityGroups',
])

/** The rules as Azure keeps them; throws what it would answer. */
export function checkedRules(input: readonly unknown[], group: string): Rule[] {
  const rules = input.map((rule) => checkedRule(rule, group))
  if (rules.length > MOST_RULES)
    throw bad(
      'ResourceCountExceedsLimitDueToTemplate',
      `The number of security rules exceeds the limit of ${MOST_RULES}.`,
    ) // text ours
  const seen = [...DEFAULT_RULES]
  for (const rule of rules) {
    const other = seen.find((one) => collides(one, rule))
    if (other !== undefined)
      throw bad(
        'SecurityRuleConflict',
        `Security rule ${other.name} conflicts with rule ${rule.name}. Rules cannot have the same Priority and Direction. To learn more, see aka.ms/nsgrules.`,
      )
    if (seen.some(({ name }) => name.toLowerCase() === rule.name.toLowerCase()))
      throw bad('DuplicateResourceName', `Two or more security rules have the name ${rule.name}.`) // text ours
    seen.push(rule)
  }
  return rules
}

export function checkedRule(input: unknown, group: string): Rule {
  const name = textAt(input, 'name') ?? ''
  const id = `${group}/securityRules/${name}`
  if (!NAME.test(name))
    throw bad(
      'InvalidResourceName',
      `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.`,
    )
  const properties = isJson(input) ? input['properties'] : undefined
  if (!isJson(properties)) throw missing(id, 'properties')
  for (const member of Object.keys(properties)) if (!KNOWN.has(member)) throw unknownMember(member)
  checkWords(properties, id)
  checkPriority(properties['priority'], id)
  checkPlaces(properties, id)
  checkLists(properties, id)
  checkFamilies(properties, id)
  return { name, properties: kept(properties) }
}

function collides(one: Rule, other: Rule): boolean {
  const [a, b] = [one.properties, other.properties]
  return a['priority'] === b['priority'] && same(a['direction'], b['direction'])
}

function checkWords(properties: Json, id: string): void {
  const words = {
    protocol: ['*', 'tcp', 'udp', 'icmp', 'esp', 'ah'],
    access: ['allow', 'deny'],
    direction: ['inbound', 'outbound'],
  }
  for (const [member, allowed] of Object.entries(words)) {
    const value = textAt(properties, member)
    if (value === undefined) throw missing(id, member)
    if (!allowed.includes(value.toLowerCase()))
      throw bad(
        'InvalidRequestFormat',
        `Cannot parse the request. Error converting value "${value}" to type of ${member}.`,
      )
  }
  const description = properties['description'] ?? ''
  if (typeof description !== 'string' || description.length > LONGEST_DESCRIPTION)
    throw bad(
      'SecurityRuleDescriptionTooLong', // code and text ours; the limit is documented
      `Security rule ${id} has a description longer than ${LONGEST_DESCRIPTION} characters.`,
    )
}

function checkPriority(priority: unknown, id: string): void {
  if (priority === undefined) throw missing(id, 'priority')
  if (typeof priority !== 'number' || !Number.isInteger(priority) || priority < 100 || priority > 4096)
    throw bad(
      'SecurityRuleInvalidPriority',
      `Security rule has invalid Priority. Priority must be between 100 and 4096. Value provided: ${JSON.stringify(priority)}. Rule: ${id}`,
    )
}

function checkPlaces(properties: Json, id: string): void {
  for (const [one, many] of Object.entries(PLURAL)) {
    const values = valuesOf(properties, one, many)
    const side = one.startsWith('source') ? 'source' : 'destination'
    const groups = one.endsWith('Prefix') ? listAt(properties, `${side}ApplicationSecurityGroups`) : []
    if (values.length === 0 && groups.length === 0) throw missing(id, one)
    for (const value of values) {
      if (one.endsWith('Prefix') && !isAddress(value))
        throw bad(
          'SecurityRuleInvalidAddressPrefix',
          `Security rule ${id} has invalid Address prefix. Value provided: ${value}`,
        )
      if (one.endsWith('Range') && !parsePortRange(value).ok)
        throw bad(
          'SecurityRuleInvalidPortRange',
          `Security rule has invalid Port range. Value provided: ${value}. Value should be an integer OR integer range with '-' delimiter. Valid range 0-65535.`,
        )
    }
  }
}

/** Neither `*` nor the first three tags stand in a list, and no prefix in it lies inside another. */
function checkLists(properties: Json, id: string): void {
  for (const side of ['source', 'destination']) {
    const list = listAt(properties, `${side}AddressPrefixes`).map(String)
    const parameter = `${side === 'source' ? 'Source' : 'Destination'}AddressPrefix`
    const wide = list.find((value) => /^(?:\*|virtualnetwork|internet|azureloadbalancer)$/i.test(value))
    if (wide !== undefined)
      throw bad(
        'SecurityRuleParameterContainsUnsupportedValue',
        `Security rule parameter ${parameter} for rule with Id ${id} cannot specify existing VIRTUALNETWORK, INTERNET, AZURELOADBALANCER, '*' or system tags. Unsupported value used: ${wide}.`,
      )
    const prefixes = prefixesOf(list)
    prefixes.forEach((outer, index) => {
      if (prefixes.some((inner, other) => other !== index && prefixContains(outer, inner)))
        throw bad(
          'OverlappingSubnetsNotPermittedInSecurityRule',
          `Security rule parameter ${parameter} for rule with Id ${id} cannot specify overlapping subnets.`, // end of the text ours
        )
    })
  }
}

function checkFamilies(properties: Json, id: string): void {
  const all = (['sourceAddressPrefix', 'destinationAddressPrefix'] as const).flatMap((one) =>
    prefixesOf(valuesOf(properties, one, PLURAL[one])),
  )
  if (new Set(all.map(({ family }) => family)).size > 1)
    throw bad(
      'ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies',
      `Resource ${id} contains IP addresses or prefixes that belong to different address families. All IP addresses or prefixes in the resource should belong to the same address family.`,
    )
}

function prefixesOf(values: readonly string[]): IpPrefix[] {
  return values.map(parseIpPrefix).flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
}

function valuesOf(properties: Json, one: string, many: string): string[] {
  const single = properties[one]
  const several = listAt(properties, many)
  return [...(typeof single === 'string' && single !== '' ? [single] : []), ...several].map(String)
}

/**
 * `*`, a service tag (one word, perhaps with a region), or a prefix without bits behind its length: 50.206.209.68/27 was
 * refused (Azure/azure-powershell issue 4557).
 */
function isAddress(text: string): boolean {
  if (text === '*' || /^[A-Za-z]\w*(?:\.\w+)?$/.test(text)) return true
  const [prefix, host] = [parseIpPrefix(text), parseIpPrefix(text.split('/')[0] ?? '')]
  return prefix.ok && host.ok && prefix.value.bits === host.value.bits
}

/** Azure answers with every plural list, empty or not (platform reference, B.3). */
function kept(properties: Json): Json {
  const { provisioningState: _, ...rest } = properties
  const lists = Object.fromEntries(Object.values(PLURAL).map((many) => [many, listAt(properties, many)]))
  return { ...rest, ...lists }
}

function same(a: unknown, b: unknown): boolean {
  return String(a).toLowerCase() === String(b).toLowerCase()
}

function missing(id: string, member: string): ArmError {
  return bad(
    'SecurityRuleParameterMissing',
    `Required security rule parameter is missing. Security rule with id: ${id}, Missing parameter: ${member}.`,
  )
}

function unknownMember(member: string): ArmError {
  const detail = {
    code: 'InvalidJson',
    message: `Could not find member '${member}' on object of type 'SecurityRulePropertiesFormat'.`,
  }
  return new ArmError(400, { code: 'InvalidRequestFormat', message: 'Cannot parse the request.', details: [detail] })
}

function bad(code: string, message: string): ArmError {
  return new ArmError(400, { code, message })
}
