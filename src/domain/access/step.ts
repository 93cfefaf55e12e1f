/**
 * What would be done at an enforcement point, and the sentence for it. Each driver says its steps with these: a step
 * without a code, or a page without words for one, does not compile.
 */
import { tellerOf, type Sentence, type Told } from '../sentence.ts'

/** What is done to a hole, or to what stands around it. */
export const STEP_KINDS = [
  'protect',
  'unprotect',
  'open',
  'extend',
  'close',
  'cut',
  'move',
  'restore',
  'import',
  'repair',
] as const

export const STEP_SENTENCES = {
  // A hole, on any host
  OpenHole: 'open {port} on {machine} to {source:word} until {until:moment}',
  ExtendHole: 'keep {port} on {machine} open to {source:word} until {until:moment}',
  CloseHole: 'close {port} on {machine} to {source:word}',
  NameGrants: 'say that {port} on {machine} to {source:word} serves {grants}',
  // Protection
  ProtectPort: 'protect {port}',
  UnprotectPort: 'stop protecting {port}',
  ProtectPorts: 'protect {ports} of {machine} (policy {policy})',
  UnprotectPorts: 'stop protecting {ports} of {machine} (policy {policy})',
  // A host and its agent
  HostAway: 'host {host} is unreachable since {since:moment}: it is made as the policy says when it is back',
  PointNotSeen: 'what changes there cannot be told just now: {why:quote}',
  TellGateway: 'tell the gateway how it is reached and what is behind it',
  HandDocument: 'hand the host its document again: it has not told of the last one',
  HostSays: '{says:quote}',
  HostNotAsked: 'what that means for the other rules of host {host} could not be asked: {why:quote}',
  AgentTellsNoPlan:
    'what that means for the other rules of host {host} its agent cannot say: install the agent of the server’s own version',
  LegacyBeside:
    'rules of the old iptables ({tables}) are loaded and cannot be read: what they let in is closed all the same, what they drop stays dropped, also where access is granted; read them with iptables-legacy-save',
  FilterInFront:
    'a program at {interfaces} (XDP) sees packets first and cannot be read: what it drops stays dropped, also where access is granted; look at it with: ip -details link show',
  // The table of a Linux host
  CloseOnHost: 'close {port} on this host (policy {policy})',
  CloseOnNamedHost: 'close {port} on {host} (policy {policy})',
  EndsRuleOfHost: '{rule} accepts it from {source:word}, and that ends now',
  UnreadRuleOfHost: '{rule} may let something in on {port} and cannot be read: confirm by hand',
  RemoveTable: 'stop protecting {ports} and remove table inet sallyport',
  RemoveTableOfHost: 'stop protecting this host and remove table inet sallyport',
  MakeRoom: 'make room for prefixes of another length: {sets}',
  WriteTable: 'write table inet sallyport again:',
  TableAsleep: 'the table was put to sleep',
  SetMisshapen: 'set {set} has another shape',
  SetMissing: 'set {set} is missing',
  SetForeign: 'set {set} is not ours',
  ChainChanged: 'chain {chain} was changed',
  ChainForeign: 'chain {chain} is not ours',
  ChainUnhooked: 'chain {chain} is not on its hook',
  CounterMissing: 'counter {counter} is missing',
  StoodOpen: '{ports} stood open',
  OtherGateway: 'this host is a gateway of another kind',
  BootTableStands: 'the table loaded at boot still stands',
  KeepRuleOfHost: 'keep {way} from {source} open: {rule} allows it',
  DropRuleOfHost: 'no longer keep {way} from {source}: no rule of this host allows it',
  CutFlow: 'cut {from} to {port}: the hole it came by is closed',
  OpenWay: 'open {way} from {source:word} until {until:moment}',
  MoveEnd: 'move the end of {way} from {source:word} to {until:moment}',
  OpenBehind: 'open {way} on {machine} from {source:word} until {until:moment}',
  MoveEndBehind: 'move the end of {way} on {machine} from {source:word} to {until:moment}',
  OpenMapped: 'open {way} on {machine} from {source:word} through {entrance} until {until:moment}',
  MoveEndMapped: 'move the end of {way} on {machine} from {source:word} through {entrance} to {until:moment}',
  CloseWay: 'close {way} from {source}',
  SeesGateway: '{machine} sees this gateway as the client',
  SeesClient: "{machine} sees the client's own address",
  // Machines behind a gateway
  CloseBehind: 'close {port} on {machine} behind this gateway (policy {policy})',
  EndsForwarding: '{rule} sends others on to it, and that ends now',
  EndsPassing: '{rule} lets everybody through to it, and that ends now',
  UnreadRuleOfGateway: '{rule} may let something through to machines behind and cannot be read: confirm by hand',
  UnprotectBehind: 'stop protecting {port} on {machine}',
  // A network security group
  NoRoomToProtect:
    '{machine} cannot be protected: the network security group has no room for another rule (at most {limit}, and a free priority); remove rules that are not needed',
  FenceChange: 'make sure that an earlier change whose answer never came cannot arrive any more',
  OpenByRule: 'open {port} on {machine} to {source:word} until {until:moment} (rule {rule} at {priority})',
  ExtendRule: 'keep {port} on {machine} open to {source:word} until {until:moment} (rule {rule} at {priority})',
  RepairOpenRule:
    'repair {port} on {machine} to {source:word}, whose rule somebody changed (rule {rule} at {priority})',
  CloseRule: 'close {ports} on {machine:word} (rule {rule} at {priority})',
  ProtectByRule: 'protect {ports} on {machine} (rule {rule} at {priority})',
  RepairProtectingRule: 'repair {ports} on {machine}, which somebody removed or changed (rule {rule} at {priority})',
  UnprotectRule: 'unprotect {ports} on {machine:word} (rule {rule} at {priority})',
  OneBeneath: 'beneath it {rules} lets nobody in to these ports any more',
  SeveralBeneath: 'beneath it {rules} let nobody in to these ports any more',
  MoveRule: "move rule '{rule}' from {from} to {priority}, to make room; its order among the others stays",
  RestoreRule: "restore rule '{rule}' from {from} to {priority}, where it was before",
  MoveProtectingRule: 'move {ports} on {machine} from {from} to {priority} (rule {rule})',
  MoveOpenRule: 'move {port} on {machine} to {source:word} from {from} to {priority} (rule {rule})',
  MoveOwnRule: "move rule '{rule}' of ours from {from} to {priority}",
  GroupAgain: 'write the security group again, because Azure says that its last change failed',
  // An Azure Firewall
  OpenThrough: 'open {port} on {machine} to {source:word} through {entrance} until {until:moment}',
  ExtendThrough: 'extend {port} on {machine} to {source:word} through {entrance} until {until:moment}',
  RestoreThrough: 'restore {port} on {machine} to {source:word} through {entrance} until {until:moment}',
  CloseThrough: 'close {entrance} to {source:word} (rule {rule})',
  FirewallAgain: 'write the firewall again, because Azure says that its last change failed',
  // The security groups of a VPC
  ProtectByGroup: 'protect {machine}: openings are rules of security group {group}, which lets nothing else in or out',
  RepairGroup: 'repair {machine}: openings are rules of security group {group}, which lets nothing else in or out',
  OpenInGroup: 'open {traffic:word} from {peer} on {machine} until {until:moment}',
  ExtendInGroup: 'keep {traffic:word} from {peer} on {machine} open until {until:moment}',
  CloseInGroup: 'close {traffic:word} from {peer} on {machine} (rule {rule})',
  EndsWithRule: 'sessions through it are not tracked by AWS and end with it',
  Schedule: 'let AWS itself close {traffic:word} from {peer} on {machine} at {until:moment}',
  Unschedule: 'take back schedule {schedule}',
  ProtectByRevoking: 'protect {ports} on {machine}: revoke {traffic:word} from {peer} in {group}',
  RevokeAgain: 'repair {ports} on {machine}: revoke {traffic:word} from {peer} in {group}, which somebody put back',
  AlsoProtects: '{ports} on {machine} too',
  LeavesTraffic: 'leaving {rest}',
  ClosesOtherProtocols: 'protocols without ports, other than ICMP, are closed with it',
  EndsNow: 'sessions through it are not tracked by AWS and end now',
  RestoreInGroup: 'restore {traffic:word} from {peer} in {group}, as it was before',
  KeepInGroup: 'keep {traffic:word} from {peer} open in {group}',
  RevokeLeftover: 'revoke {traffic:word} from {peer} in {group}, which was written for what was left of another rule',
  KeepNeighbours: 'security group {group}, for neighbours that are not protected:',
  LetIn: 'let in {traffic:word} from {peer}',
  LetInNoMore: 'no longer let in {traffic:word} from {peer}',
  ChangeInterface: 'interface {networkInterface} ({groups}):',
  ChangeInterfaceOf: 'interface {networkInterface} of {machine} ({groups}):',
  PutOn: 'put {group} on it',
  TakeOff: 'take {group} off it',
  DeleteGroup: 'delete security group {group} ({id})',
} as const

export type StepCode = keyof typeof STEP_SENTENCES

export type ToldStep = Told<StepCode>

export const tellStep = tellerOf(STEP_SENTENCES)

/** What an agent says is left to do: by its code where this version knows it. */
export function stepFrom(said: Sentence): ToldStep {
  const { code, facts = {} } = said
  return code !== undefined && isStepCode(code)
    ? { ...said, code, facts }
    : { ...tellStep('HostSays', { says: said.text }), text: said.text }
}

function isStepCode(code: string): code is StepCode {
  return Object.hasOwn(STEP_SENTENCES, code)
}
