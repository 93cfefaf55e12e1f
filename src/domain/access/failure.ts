/**
 * Why access that was granted could not be opened, and the sentence for it. Each driver says with these what a point cannot
 * carry: a failure without a code, or a page without words for one, does not compile.
 */
import type { Facts, Refusal } from '../refusal.ts'
import { tellerOf, type FactsOf } from '../sentence.ts'

export const FAILURE_SENTENCES = {
  HostWasAway: 'host {host} was unreachable from {since:moment} until the access ended: it was never seen open',
  HostCannot: '{says:quote}',
  // A Linux host, and a gateway
  PortNotProtected:
    'port {port} of this host is not protected, so there is nothing to open; protect it with a policy first',
  NotBehindGateway: '{machine} is not behind this host (any more): nothing can be opened',
  TooManyHoles: 'this host carries at most {most} holes of one prefix length; close some first',
  NoAddressOfFamily:
    '{port} on {machine} to {source:word} cannot be opened: {machine} has no {families} address behind this gateway; ask from an address of the other family',
  ForwardingOff:
    '{port} on {machine} to {source:word} cannot be opened: {settings} is 0 on this gateway, so nothing reaches the machines behind it; set it: {command}',
  NoMappedPort:
    '{port} on {machine} to {source:word} cannot be opened: every port from {from} to {to} is in use on this gateway; close what is not needed, or give it a wider range',
  // A network security group
  NoPrivateAddress:
    '{port} on {machine} to {source:word} cannot be opened: {machine} has no private address behind this network security group',
  NoPrivateAddressOfFamily:
    '{port} on {machine} to {source:word} cannot be opened: {machine} has no private {family} address behind this network security group',
  TooManyRules:
    '{port} on {machine} to {source:word} cannot be opened: the network security group is full; close what is not needed',
  DeniedByAnotherRule:
    "{port} on {machine} to {source:word} cannot be opened: rule '{rule}' at {priority} denies it first and no number above it is free; move that rule down",
  NoFreePriority:
    '{port} on {machine} to {source:word} cannot be opened: no priority from {first} to {last} is free above the rule that protects it; close what is not needed or move other rules down',
  NoSecurityGroup: 'network security group {group} was deleted; there is nothing to open',
  MachineGone: '{machine} was deleted: nothing is opened to its addresses before its connection is read again',
  MachineRemade:
    '{machine} was deleted and made again: nothing is opened to its addresses before its connection is read again',
  // An Azure Firewall
  NoAddressToTranslate:
    '{port} on {machine} to {source:word} cannot be opened: the machine has no private IPv4 address that the firewall could translate to',
  FirewallWithoutIpv6:
    '{port} on {machine} to {source:word} cannot be opened: Azure Firewall translates IPv4 only; ask from an IPv4 address',
  FirewallFull:
    '{port} on {machine} to {source:word} cannot be opened: the firewall has no room for another translation (at most {most} with its public addresses); close what is not needed',
  NoFirewall: 'firewall {firewall} was deleted; there is nothing to open',
  FirewallPolicy:
    "firewall {firewall} is managed by policy {policy}; allow connection '{connection}' to change policies first",
  // The security groups of a VPC
  TooManySecurityGroups:
    "{machine} cannot be opened: an interface of it carries {limit} security groups, as many as it may; take one off, or ask AWS to raise the quota 'Security groups per network interface'",
  TooManyOpenings:
    "port {port} of {machine} cannot be opened: {limit} openings for {families} are there already, as many as a security group may have rules; close what is not needed, or ask AWS to raise the quota 'Inbound or outbound rules per security group'",
  NotProtectedHere:
    '{machine} is not protected here: no policy names it, it has no network interface in this VPC, or a quota is too small; there is nothing to open',
} as const

export type FailureCode = keyof typeof FAILURE_SENTENCES

export interface Failure extends Refusal {
  readonly code: FailureCode
  readonly facts: Facts
}

const tell = tellerOf(FAILURE_SENTENCES)

export function failure<Code extends FailureCode>(
  code: Code,
  about: FactsOf<(typeof FAILURE_SENTENCES)[Code]>,
): Failure {
  const { text: message, facts } = tell(code, about)
  return { code, message, facts }
}

/** What an agent says that it cannot: by its code where this version knows it. */
export function failureFrom({ code, message, facts = {} }: Refusal): Failure {
  return isFailureCode(code) && isWhole(code, facts)
    ? { code, message, facts }
    : { ...failure('HostCannot', { says: message }), message }
}

function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURE_SENTENCES, code)
}

/** An agent from before there were facts told the sentence alone. */
function isWhole(code: FailureCode, facts: Facts): boolean {
  const named = FAILURE_SENTENCES[code].matchAll(/\{(\w+)/g)
  return [...named].every(([, name = '']) => name in facts)
}
