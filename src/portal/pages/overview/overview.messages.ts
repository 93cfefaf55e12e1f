import type { WireFinding } from '../../../contract/finding.ts'
import { counted, numberText, type Messages } from '../../language.tsx'

import type { AccessWindow } from './windows.ts'

interface Shown {
  readonly who: string
  readonly port: string
  readonly machine: string
  readonly from: string
  readonly to: string
  /** One of `looks`. */
  readonly look: string
}

interface Found {
  /** Empty where the platform does not tell. */
  readonly by: string
  readonly failures: number
  readonly grants: number
}

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly request: string
  readonly cards: Readonly<Record<'protected' | 'open' | 'overdue' | 'unprotected', string>>
  readonly hints: Readonly<Record<'protected' | 'open' | 'overdue' | 'unprotected', string>>
  readonly timeline: string
  readonly zooms: Readonly<Record<'hour' | 'day' | 'week', string>>
  readonly zoom: string
  readonly earlier: string
  readonly later: string
  readonly onDay: string
  readonly span: (from: string, to: string) => string
  readonly csv: string
  readonly now: string
  /** What the line through the picture stands for. */
  readonly nowLine: string
  readonly nobody: string
  readonly nobodyHint: string
  readonly window: (shown: Shown) => string
  readonly looks: Readonly<Record<AccessWindow['look'], string>>
  readonly zone: (zone: string) => string
  readonly cut: string
  readonly more: (count: number) => string
  readonly recent: string
  readonly all: string
  readonly nothing: string
  readonly findings: string
  readonly noFindings: string
  readonly finding: Readonly<Record<WireFinding['kind'] | 'unreachable', (found: Found) => string>>
  readonly connected: (who: NonNullable<WireFinding['connected']>) => string
  readonly since: (moment: string) => string
}

export const overviewMessages: Messages<Words> = {
  en: {
    title: 'Overview',
    subtitle: 'Who has which door open, and what stands open without need',
    request: 'Request access',
    cards: {
      protected: 'Protected machines',
      open: 'Open now',
      overdue: 'Overdue',
      unprotected: 'Open to the internet',
    },
    hints: {
      protected: 'management ports are closed',
      open: 'holes, each with an end',
      overdue: 'open past their end',
      unprotected: 'machines with management ports that anybody reaches',
    },
    timeline: 'Windows of access',
    zooms: { hour: 'Hour', day: 'Day', week: 'Week' },
    zoom: 'How much time to show',
    earlier: 'Earlier',
    later: 'Later',
    onDay: 'Go to a day',
    span: (from, to) => `${from} – ${to}`,
    csv: 'Download CSV',
    now: 'Now',
    nowLine: 'now',
    nobody: 'Nobody had a door open in this time',
    nobodyHint: 'Windows of access appear here as soon as somebody opens a port of a machine that you may see.',
    window: ({ who, port, machine, from, to, look }) => `${who}: ${port} on ${machine}, ${from} to ${to} (${look})`,
    looks: { open: 'open', over: 'closed again', failed: 'could not be opened' },
    zone: (zone) => `Times are in ${zone}.`,
    cut: 'Only the newest 5,000 requests are drawn.',
    more: (count) => `Show more: ${counted('en', count, 'other machine', 'other machines')}`,
    recent: 'Recent activity',
    all: 'See all activity',
    nothing: 'Nothing has happened yet that you may see.',
    findings: 'Findings',
    noFindings: 'Every firewall that you may see is as it should be.',
    finding: {
      drift: ({ by }) => `${by === '' ? 'somebody else' : by} changed this firewall`,
      failing: ({ failures }) =>
        `could not be put in order, ${counted('en', failures, 'time', 'times')} in a row; it is tried again`,
      overdue: ({ grants }) =>
        `${counted('en', grants, 'opening has', 'openings have')} ended and not been seen closed`,
      stale: () => 'the machines of this connection cannot be read; the known ones stay protected',
      vanished: () => 'a policy names this machine, and it is no longer there',
      outlived: () => 'somebody is still connected though the access has ended',
      unreachable: () => 'nobody hears from the agent of this host; what is open there still closes on time',
    },
    connected: ({ from, port, requestor = '' }) =>
      `${from} is connected to ${port}${requestor === '' ? '' : `, let in by the request of ${requestor}`}`,
    since: (moment) => `since ${moment}`,
  },
  nl: {
    title: 'Overzicht',
    subtitle: 'Wie welke deur open heeft, en wat zonder noodzaak openstaat',
    request: 'Toegang aanvragen',
    cards: {
      protected: 'Beschermde machines',
      open: 'Nu open',
      overdue: 'Over tijd',
      unprotected: 'Open voor het internet',
    },
    hints: {
      protected: 'beheerpoorten zijn gesloten',
      open: 'openingen, elk met een einde',
      overdue: 'open na hun einde',
      unprotected: 'machines met beheerpoorten die iedereen bereikt',
    },
    timeline: 'Toegangsvensters',
    zooms: { hour: 'Uur', day: 'Dag', week: 'Week' },
    zoom: 'Hoeveel tijd er getoond wordt',
    earlier: 'Eerder',
    later: 'Later',
    onDay: 'Naar een dag',
    span: (from, to) => `${from} – ${to}`,
    csv: 'CSV downloaden',
    now: 'Nu',
    nowLine: 'nu',
    nobody: 'Niemand had in deze tijd een deur open',
    nobodyHint: 'Toegangsvensters verschijnen hier zodra iemand een poort opent van een machine die u mag zien.',
    window: ({ who, port, machine, from, to, look }) => `${who}: ${port} op ${machine}, ${from} tot ${to} (${look})`,
    looks: { open: 'staat open', over: 'weer gesloten', failed: 'kon niet worden geopend' },
    zone: (zone) => `Tijden zijn in ${zone}.`,
    cut: 'Alleen de nieuwste 5.000 aanvragen zijn getekend.',
    more: (count) => `Meer tonen: nog ${counted('nl', count, 'machine', 'machines')}`,
    recent: 'Recente activiteit',
    all: 'Alle activiteit bekijken',
    nothing: 'Er is nog niets gebeurd dat u mag zien.',
    findings: 'Bevindingen',
    noFindings: 'Elke firewall die u mag zien, is zoals hij moet zijn.',
    finding: {
      drift: ({ by }) => `${by === '' ? 'iemand anders' : by} heeft deze firewall gewijzigd`,
      failing: ({ failures }) =>
        `kon ${numberText('nl', failures)} keer achtereen niet in orde worden gebracht; er wordt opnieuw geprobeerd`,
      overdue: ({ grants }) =>
        `${counted('nl', grants, 'opening is', 'openingen zijn')} voorbij en nog niet aantoonbaar gesloten`,
      stale: () => 'de machines van deze verbinding kunnen niet worden gelezen; de bekende blijven beschermd',
      vanished: () => 'een beleid noemt deze machine, en zij is er niet meer',
      outlived: () => 'iemand is nog verbonden, hoewel de toegang voorbij is',
      unreachable: () => 'de agent van deze host laat niets horen; wat er open is, sluit toch op tijd',
    },
    connected: ({ from, port, requestor = '' }) =>
      `${from} is verbonden met ${port}${requestor === '' ? '' : `, binnengelaten op aanvraag van ${requestor}`}`,
    since: (moment) => `sinds ${moment}`,
  },
  'zh-TW': {
    title: '概觀',
    subtitle: '誰開啟了哪一道門，以及哪些門不必要地敞開',
    request: '要求存取',
    cards: { protected: '受保護的機器', open: '目前開放', overdue: '逾期', unprotected: '對網際網路開放' },
    hints: {
      protected: '管理連接埠已關閉',
      open: '個開口，各有結束時間',
      overdue: '超過結束時間仍開放',
      unprotected: '部機器的管理連接埠任何人都能連線',
    },
    timeline: '存取時段',
    zooms: { hour: '小時', day: '天', week: '週' },
    zoom: '顯示的時間範圍',
    earlier: '較早',
    later: '較晚',
    onDay: '前往某一天',
    span: (from, to) => `${from} – ${to}`,
    csv: '下載 CSV',
    now: '現在',
    nowLine: '現在',
    nobody: '這段時間內沒有人開啟任何連接埠',
    nobodyHint: '只要有人開啟您可以檢視之機器的連接埠，存取時段就會顯示在這裡。',
    window: ({ who, port, machine, from, to, look }) => `${who}：${machine} 的 ${port}，${from} 至 ${to} (${look})`,
    looks: { open: '開放中', over: '已關閉', failed: '無法開啟' },
    zone: (zone) => `時間以 ${zone} 顯示。`,
    cut: '僅繪出最新的 5,000 個要求。',
    more: (count) => `顯示更多：另有 ${numberText('zh-TW', count)} 部機器`,
    recent: '最近的活動',
    all: '檢視所有活動',
    nothing: '目前沒有您可以檢視的活動。',
    findings: '發現的問題',
    noFindings: '您可檢視的所有防火牆都符合預期。',
    finding: {
      drift: ({ by }) => `${by === '' ? '其他人' : by}變更了這個防火牆`,
      failing: ({ failures }) => `連續 ${numberText('zh-TW', failures)} 次無法恢復正常；將再次嘗試`,
      overdue: ({ grants }) => `${numberText('zh-TW', grants)} 個開口已到期，尚未確認關閉`,
      stale: () => '無法讀取此連線的機器；已知的機器仍受保護',
      vanished: () => '有原則指定這部機器，但它已不存在',
      outlived: () => '存取已結束，但仍有人保持連線',
      unreachable: () => '這部主機的代理程式沒有回應；已開放的連接埠仍會準時關閉',
    },
    connected: ({ from, port, requestor = '' }) =>
      `${from} 已連線到 ${port}${requestor === '' ? '' : `，依 ${requestor} 的要求進入`}`,
    since: (moment) => `自 ${moment} 起`,
  },
}
