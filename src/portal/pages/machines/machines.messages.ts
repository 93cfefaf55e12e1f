import type { Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly tabs: Readonly<Record<'configured' | 'notConfigured' | 'unsupported', string>>
  readonly search: string
  readonly name: string
  readonly group: string
  readonly subscription: string
  readonly ports: string
  readonly openTo: string
  readonly reason: string
  readonly actions: string
  readonly request: string
  readonly requestOn: (machine: string) => string
  readonly empty: Readonly<Record<'configured' | 'notConfigured' | 'unsupported', string>>
}

export const machinesMessages: Messages<Words> = {
  en: {
    title: 'Just-in-time VM access',
    subtitle: 'Which machines are protected, which could be, and which cannot be yet',
    tabs: { configured: 'Configured', notConfigured: 'Not configured', unsupported: 'Unsupported' },
    search: 'Search by name',
    name: 'Machine',
    group: 'Resource group',
    subscription: 'Subscription',
    ports: 'Protected ports',
    openTo: 'Open to',
    reason: 'Reason',
    actions: 'Actions',
    request: 'Request access',
    requestOn: (machine) => `Request access to ${machine}`,
    empty: {
      configured: 'No machine is protected yet',
      notConfigured: 'Every machine that can be protected is',
      unsupported: 'Every machine can be protected',
    },
  },
  nl: {
    title: 'Just-in-time-toegang tot machines',
    subtitle: 'Welke machines beschermd zijn, welke het kunnen worden, en welke nog niet',
    tabs: { configured: 'Ingesteld', notConfigured: 'Niet ingesteld', unsupported: 'Niet ondersteund' },
    search: 'Zoeken op naam',
    name: 'Machine',
    group: 'Resourcegroep',
    subscription: 'Abonnement',
    ports: 'Beschermde poorten',
    openTo: 'Open voor',
    reason: 'Reden',
    actions: 'Acties',
    request: 'Toegang aanvragen',
    requestOn: (machine) => `Toegang aanvragen tot ${machine}`,
    empty: {
      configured: 'Er is nog geen machine beschermd',
      notConfigured: 'Elke machine die beschermd kan worden, is beschermd',
      unsupported: 'Elke machine kan beschermd worden',
    },
  },
  'zh-TW': {
    title: 'Just-In-Time VM 存取',
    subtitle: '哪些機器受到保護、哪些可以保護,以及哪些尚無法保護',
    tabs: { configured: '已設定', notConfigured: '未設定', unsupported: '不支援' },
    search: '依名稱搜尋',
    name: '機器',
    group: '資源群組',
    subscription: '訂用帳戶',
    ports: '受保護的連接埠',
    openTo: '開放給',
    reason: '原因',
    actions: '動作',
    request: '要求存取',
    requestOn: (machine) => `要求存取 ${machine}`,
    empty: {
      configured: '尚無受保護的機器',
      notConfigured: '所有可保護的機器都已受到保護',
      unsupported: '所有機器都可以受到保護',
    },
  },
}
