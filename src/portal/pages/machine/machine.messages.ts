import type { Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: (group: string, location: string) => string
  readonly missing: string
  readonly posture: string
  readonly notEnabled: string
  readonly notEnabledHint: string
  readonly enable: string
  readonly unsupported: string
  readonly edit: string
  readonly log: string
  readonly request: string
  readonly open: string
  readonly nothingOpen: string
  readonly facts: Readonly<Record<'os' | 'private' | 'public' | 'points' | 'policy' | 'ports', string>>
  readonly port: (port: string, longest: string) => string
}

export const machineMessages: Messages<Words> = {
  en: {
    title: 'Connect',
    subtitle: (group, location) => `${group}, ${location}`,
    missing: 'There is no such machine, or you may not see it',
    posture: 'Posture',
    notEnabled: 'Just-in-time access is not enabled on this machine',
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
    },
    port: (port, longest) => `${port}, at most ${longest}`,
  },
  nl: {
    title: 'Verbinden',
    subtitle: (group, location) => `${group}, ${location}`,
    missing: 'Deze machine bestaat niet, of u mag haar niet zien',
    posture: 'Toestand',
    notEnabled: 'Just-in-time-toegang is op deze machine niet ingeschakeld',
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
    },
    port: (port, longest) => `${port}, hoogstens ${longest}`,
  },
  'zh-TW': {
    title: '連線',
    subtitle: (group, location) => `${group},${location}`,
    missing: '沒有這部機器，或您無權檢視',
    posture: '狀態評估',
    notEnabled: '此機器尚未啟用 Just-In-Time 存取',
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
    },
    port: (port, longest) => `${port}，最長 ${longest}`,
  },
}
