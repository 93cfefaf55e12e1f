/**
 * What a look at a host, a cloud or this server found, and what to do about it, with the sentence for each. Whoever looks
 * says it with these: a finding without a code, or a page without words for one, does not compile.
 */
import type { Because } from './posture.ts'
import type { Refusal } from './refusal.ts'
import { tellerOf, type FactsOf } from './sentence.ts'

export const CHECK_SENTENCES = {
  // AWS
  CredentialsBelong: 'the credentials belong to account {account}',
  CredentialsRefused: 'AWS does not take the credentials: {problem:quote}',
  MendAwsCredential:
    'check the credential, the role, its trust policy and the external id; sallyport connect aws --print-policy shows both policies',
  ActionAllowed: '{action} is allowed',
  ActionDenied: '{action} is not allowed',
  ActionUntried: '{action} could not be tried: {problem:quote}',
  AllowAction: 'allow {action} to the role, as sallyport connect aws --print-policy shows',
  AllowBelt: 'allow what sallyport connect aws --belt --print-policy shows, or connect without --belt',
  BeltFailed:
    'openings are not closed by AWS itself if this server is gone, because schedules cannot be written: {problem:quote}; compare the role with: sallyport connect aws --belt --print-policy',
  // Azure
  SignedIn: 'signed in by {kind}',
  SignInRefused: 'signing in by {kind} failed: {problem:quote}',
  MendAzureCredential: 'check the tenant, the client id and the secret, and that this server reaches the authority',
  SubscriptionUnread: '{problem:quote}',
  Granted: 'granted, {why:word}',
  GrantedInGroups: 'granted in each of the {groups} resource groups, {why:word}',
  NotGranted: 'not granted, needed {why:word}',
  AssignRole: "assign the role of 'sallyport connect azure --print-role' to this identity at {scope}",
  // Any connection
  SecretSealed: 'its secret was sealed by another key: give the secret again, or put the key file back',
  GiveSecret: 'give the secret again',
  CloudUnasked: '{problem:quote}',
  InventoryStale:
    'its machines could not be read since {since:moment}: {problem:quote}; the known ones ({machines}) stay protected',
  InventoryUnread: 'its machines have not been read yet',
  InventoryRead: 'machines: {machines}, read {age:span} ago',
  CallsWait:
    '{waiting} {kind} calls to {subscription} wait for their turn, {left} of {limit} are left; what closes goes first',
  CallsPaused:
    '{waiting} {kind} calls to {subscription} wait for their turn, {left} of {limit} are left; the cloud told us to wait until {until:moment}; what closes goes first',
  // A host
  KernelIsFit: 'the kernel has everything that is needed, and no other table drops what is granted',
  ConnectionsUnseen:
    "port {port}: who is connected at the end is to be cut off or told of, and nobody can: the kernel's connections are reached through libnftables only",
  InstallLibnftables: 'install libnftables1 and start with --nft-backend library',
  NotForwarding: '{setting} is 0: nothing reaches the machines behind this gateway by IPv{family}',
  DroppedByOther: '{port}: what is granted here is dropped by {rule}',
  PerhapsDroppedByOther: '{port}: what is granted here may be dropped by {rule}',
  UnreadRule:
    '{port}: {rule} may let something in and cannot be reduced to source, protocol and port; it is closed here',
  ReadRule: 'read the rule, and put what it should let in into the policy',
  OldIptables:
    'rules of the old iptables are loaded ({tables}); what they let in is closed here, what they drop stays dropped',
  ReadOldIptables: 'read them with iptables-legacy-save',
  ProgramInFront:
    'a program at {interfaces} (XDP) sees packets before the firewall; what it drops stays dropped, also where access is granted',
  LookInFront: 'look at it with: ip -details link show',
  Run: '{command}',
  AgentDiffers:
    'runs agent {has}; the server has {recommended}: install that on the host, nothing opens or closes meanwhile',
  // This server
  Simulated: 'simulated machines from {file} ({machines}): nothing real is protected',
  StartWithoutFleet: 'start the server without --fleet to protect this host',
} as const

export type CheckCode = keyof typeof CHECK_SENTENCES

/** A sentence, what it says, and the same of what to do about it. */
export interface CheckWords {
  readonly text: string
  readonly because?: Because
  readonly remedy?: string
  readonly remedyBecause?: Because
}

const tell = tellerOf(CHECK_SENTENCES)

export function found<Code extends CheckCode>(
  code: Code,
  facts: FactsOf<(typeof CHECK_SENTENCES)[Code]>,
): Pick<CheckWords, 'text' | 'because'> {
  return { text: tell(code, facts).text, because: { code, facts } }
}

export function mendedBy<Code extends CheckCode>(
  code: Code,
  facts: FactsOf<(typeof CHECK_SENTENCES)[Code]>,
): Pick<CheckWords, 'remedy' | 'remedyBecause'> {
  return { remedy: tell(code, facts).text, remedyBecause: { code, facts } }
}

/** What is said elsewhere too, as a refusal or a warning. */
export function foundAs({ message, code, facts }: Refusal): Pick<CheckWords, 'text' | 'because'> {
  return { text: message, because: { code, ...(facts !== undefined && { facts }) } }
}
