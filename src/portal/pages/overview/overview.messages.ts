import type { Messages } from '../../language.tsx'
import { plural } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly request: string
  readonly cards: Readonly<Record<'protected' | 'open' | 'overdue' | 'unprotected', string>>
  readonly hints: Readonly<Record<'protected' | 'open' | 'overdue' | 'unprotected', string>>
  readonly timeline: string
  readonly timelineHint: string
  readonly zooms: Readonly<Record<'hour' | 'day' | 'week', string>>
  readonly zoom: string
  readonly earlier: string
  readonly later: string
  readonly now: string
  readonly nobody: string
  readonly nobodyHint: string
  readonly window: (who: string, port: string, machine: string, from: string, to: string) => string
  readonly more: (count: number) => string
  readonly recent: string
  readonly all: string
  readonly nothing: string
  readonly findings: string
  readonly noFindings: string
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
    timelineHint: 'Each bar is one port that was open to somebody.',
    zooms: { hour: 'Hour', day: 'Day', week: 'Week' },
    zoom: 'How much time to show',
    earlier: 'Earlier',
    later: 'Later',
    now: 'Now',
    nobody: 'Nobody had a door open in this time',
    nobodyHint: 'Windows of access appear here as soon as somebody opens a port.',
    window: (who, port, machine, from, to) => `${who}: ${port} on ${machine}, ${from} to ${to}`,
    more: (count) => `${count} more ${plural('en', count, 'machine', 'machines')} had windows in this time`,
    recent: 'Recent activity',
    all: 'See all activity',
    nothing: 'Nothing has happened yet.',
    findings: 'Findings',
    noFindings: 'Every firewall is as it should be.',
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
    timelineHint: 'Elke balk is een poort die voor iemand openstond.',
    zooms: { hour: 'Uur', day: 'Dag', week: 'Week' },
    zoom: 'Hoeveel tijd er getoond wordt',
    earlier: 'Eerder',
    later: 'Later',
    now: 'Nu',
    nobody: 'Niemand had in deze tijd een deur open',
    nobodyHint: 'Toegangsvensters verschijnen hier zodra iemand een poort opent.',
    window: (who, port, machine, from, to) => `${who}: ${port} op ${machine}, ${from} tot ${to}`,
    more: (count) => `nog ${count} ${plural('nl', count, 'machine', 'machines')} met vensters in deze tijd`,
    recent: 'Recente activiteit',
    all: 'Alle activiteit bekijken',
    nothing: 'Er is nog niets gebeurd.',
    findings: 'Bevindingen',
    noFindings: 'Elke firewall is zoals hij moet zijn.',
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
    timelineHint: '每一條代表一個曾對某人開放的連接埠。',
    zooms: { hour: '小時', day: '天', week: '週' },
    zoom: '顯示的時間範圍',
    earlier: '較早',
    later: '較晚',
    now: '現在',
    nobody: '這段時間內沒有人開啟任何連接埠',
    nobodyHint: '一旦有人開啟連接埠，存取時段就會顯示在這裡。',
    window: (who, port, machine, from, to) => `${who}：${machine} 的 ${port}，${from} 至 ${to}`,
    more: (count) => `另有 ${count} 部機器在這段時間內有存取時段`,
    recent: '最近的活動',
    all: '檢視所有活動',
    nothing: '尚未發生任何事。',
    findings: '發現的問題',
    noFindings: '所有防火牆都符合預期。',
  },
}
