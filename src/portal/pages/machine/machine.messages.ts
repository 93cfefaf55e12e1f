import type { WireFlow } from '../../../contract/flow.ts'
import type { Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: (group: string, location: string) => string
  readonly missing: string
  readonly posture: string
  readonly notEnabled: string
  readonly hiddenPolicy: string
  readonly notEnabledHint: string
  readonly enable: string
  readonly unsupported: string
  readonly edit: string
  readonly log: string
  readonly request: string
  readonly open: string
  readonly nothingOpen: string
  readonly facts: Readonly<Record<'os' | 'private' | 'public' | 'points' | 'policy' | 'ports' | 'labels', string>>
  readonly port: (port: string, longest: string) => string
  /** What becomes of who is connected at the end, where it is not that they stay. */
  readonly atEnd: Readonly<Record<'warn' | 'cut', (port: string) => string>>
  readonly unreachable: (since: string) => string
  readonly connected: string
  readonly nobody: string
  readonly untold: (reason: string) => string
  readonly flows: Readonly<Record<'who' | 'from' | 'port' | 'since' | 'state', string>>
  readonly flowStates: Readonly<Record<WireFlow['state'], string>>
}

export const machineMessages: Messages<Words> = {
  en: {
    title: 'Connect',
    subtitle: (group, location) => `${group}, ${location}`,
    missing: 'There is no such machine, or you may not see it',
    posture: 'Posture',
    notEnabled: 'Just-in-time access is not enabled on this machine',
    hiddenPolicy: 'This machine is protected by a policy that you may not see',
    notEnabledHint: 'Enable it to close its management ports until somebody asks for one.',
    enable: 'Enable just-in-time',
    unsupported: 'Just-in-time access cannot be had on this machine yet',
    edit: 'Edit',
    log: 'Activity log',
    request: 'Request access',
    open: 'Open now',
    nothingOpen: 'Nothing is open on this machine.',
    facts: {
      os: 'System',
      private: 'Private addresses',
      public: 'Public addresses',
      points: 'Filtered by',
      policy: 'Policy',
      ports: 'Protected ports',
      labels: 'Labels',
    },
    port: (port, longest) => `${port}, at most ${longest}`,
    atEnd: {
      warn: (port) => `${port}; who is still connected at the end is reported`,
      cut: (port) => `${port}; who is still connected at the end is cut off`,
    },
    connected: 'Connected now',
    nobody: 'Nobody is connected by what was granted.',
    untold: (reason) => `Who is connected cannot be told: ${reason}`,
    flows: { who: 'Who', from: 'From', port: 'Port', since: 'Since', state: 'Access' },
    flowStates: { open: 'Open', ended: 'Ended; the connection lives on' },
    unreachable: (since) =>
      `Unreachable: its agent was last heard from ${since}. Nothing can be opened or changed there meanwhile; what is open closes on time by its kernel.`,
  },
  nl: {
    title: 'Verbinden',
    subtitle: (group, location) => `${group}, ${location}`,
    missing: 'Deze machine bestaat niet, of u mag haar niet zien',
    posture: 'Toestand',
    notEnabled: 'Just-in-time-toegang is op deze machine niet ingeschakeld',
    hiddenPolicy: 'Deze machine is beschermd door een beleid dat u niet mag zien',
    notEnabledHint: 'Schakel het in om de beheerpoorten te sluiten tot iemand erom vraagt.',
    enable: 'Just-in-time inschakelen',
    unsupported: 'Just-in-time-toegang kan op deze machine nog niet',
    edit: 'Bewerken',
    log: 'Activiteitenlogboek',
    request: 'Toegang aanvragen',
    open: 'Nu open',
    nothingOpen: 'Er staat niets open op deze machine.',
    facts: {
      os: 'Systeem',
      private: 'Privéadressen',
      public: 'Openbare adressen',
      points: 'Gefilterd door',
      policy: 'Beleid',
      ports: 'Beschermde poorten',
      labels: 'Labels',
    },
    port: (port, longest) => `${port}, hoogstens ${longest}`,
    atEnd: {
      warn: (port) => `${port}; wie aan het eind nog verbonden is, wordt gemeld`,
      cut: (port) => `${port}; wie aan het eind nog verbonden is, wordt afgesneden`,
    },
    connected: 'Nu verbonden',
    nobody: 'Niemand is verbonden via wat is toegestaan.',
    untold: (reason) => `Wie verbonden is, is niet te zeggen: ${reason}`,
    flows: { who: 'Wie', from: 'Vanaf', port: 'Poort', since: 'Sinds', state: 'Toegang' },
    flowStates: { open: 'Open', ended: 'Beëindigd; de verbinding bestaat nog' },
    unreachable: (since) =>
      `Onbereikbaar: van de agent is ${since} voor het laatst gehoord. Intussen kan daar niets worden geopend of gewijzigd; wat openstaat, sluit op tijd door de kernel.`,
  },
  'zh-TW': {
    title: '連線',
    subtitle: (group, location) => `${group}，${location}`,
    missing: '沒有這部機器，或您無權檢視',
    posture: '狀態評估',
    notEnabled: '此機器尚未啟用 Just-In-Time 存取',
    hiddenPolicy: '此機器受您無權檢視的原則保護',
    notEnabledHint: '啟用後，管理連接埠平時會關閉，直到有人要求為止。',
    enable: '啟用 Just-In-Time',
    unsupported: '此機器目前無法使用 Just-In-Time 存取',
    edit: '編輯',
    log: '活動記錄',
    request: '要求存取',
    open: '目前開放',
    nothingOpen: '此機器上沒有開放任何連接埠。',
    facts: {
      os: '系統',
      private: '私人位址',
      public: '公用位址',
      points: '篩選者',
      policy: '原則',
      ports: '受保護的連接埠',
      labels: '標籤',
    },
    port: (port, longest) => `${port}，最長 ${longest}`,
    atEnd: {
      warn: (port) => `${port}；結束時若仍有連線，將會回報`,
      cut: (port) => `${port}；結束時若仍有連線，將會切斷`,
    },
    connected: '目前連線',
    nobody: '目前沒有人透過核准的存取連線。',
    untold: (reason) => `無法得知目前的連線：${reason}`,
    flows: { who: '人員', from: '來源', port: '連接埠', since: '開始時間', state: '存取' },
    flowStates: { open: '開放中', ended: '已結束，連線仍存在' },
    unreachable: (since) =>
      `無法連線：代理程式上次回報於 ${since}。這段期間無法在該機器上開放或變更；已開放的連接埠會由其核心準時關閉。`,
  },
}
