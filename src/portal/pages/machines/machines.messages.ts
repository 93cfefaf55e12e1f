import type { Category, Severity, Unsupported } from '../../../domain/posture.ts'
import { counted, numberText, type Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly tabs: Readonly<Record<Category, string>>
  readonly search: string
  readonly os: string
  readonly anyOs: string
  readonly severity: string
  readonly anySeverity: string
  readonly severities: Readonly<Record<Severity, string>>
  readonly why: string
  readonly anyWhy: string
  readonly whys: Readonly<Record<Unsupported, string>>
  readonly name: string
  readonly group: string
  readonly location: string
  readonly requests: string
  readonly last: string
  readonly lastUser: string
  readonly connection: string
  readonly never: string
  readonly open: (users: number) => string
  readonly closed: string
  readonly reason: string
  readonly actions: string
  readonly actionsOf: (machine: string) => string
  readonly request: string
  readonly edit: string
  readonly unprotect: string
  readonly log: string
  readonly enable: (count: number) => string
  readonly editMany: (count: number) => string
  readonly enableOne: (machine: string) => string
  readonly selectAll: string
  readonly selectOne: (machine: string) => string
  readonly range: (from: string, to: string, total: string) => string
  readonly previous: string
  readonly next: string
  readonly empty: Readonly<Record<Category, string>>
  readonly nothingFound: string
  readonly unselect: string
  /** `of`: how many there are, where that is more. */
  readonly selectFound: (count: string, of?: string) => string
  readonly byLabels: string
  readonly seeNotConfigured: string
}

export const machinesMessages: Messages<Words> = {
  en: {
    title: 'Just-in-time VM access',
    subtitle: 'Which machines are protected, which could be, and which cannot be yet',
    tabs: { configured: 'Configured', notConfigured: 'Not configured', unsupported: 'Unsupported' },
    search: 'Search by name or id',
    os: 'System',
    anyOs: 'Any system',
    severity: 'Severity',
    anySeverity: 'Any severity',
    severities: { High: 'High', Low: 'Low', Healthy: 'Healthy' },
    why: 'Kind',
    anyWhy: 'Any kind',
    whys: {
      missingNsgOrFirewall: 'No security group or firewall',
      classicMachine: 'Classic machine',
      managedFirewall: 'Managed firewall',
      unreadableFirewall: 'Unreadable firewall',
      disabledByPlan: 'Plan is off',
      stopped: 'Stopped',
      other: 'Other',
    },
    name: 'Machine',
    group: 'Resource group',
    location: 'Location',
    requests: 'Approved, last 7 days',
    last: 'Last access',
    lastUser: 'Last user',
    connection: 'Connection details',
    never: 'Never',
    open: (users) => `Open: ${counted('en', users, 'window', 'windows')}`,
    closed: 'Closed',
    reason: 'Reason',
    actions: 'Actions',
    actionsOf: (machine) => `Actions for ${machine}`,
    request: 'Request access',
    edit: 'Edit',
    unprotect: 'Remove protection',
    log: 'Activity log',
    enable: (count) => `Enable JIT on ${counted('en', count, 'machine', 'machines')}`,
    editMany: (count) => `Edit ${counted('en', count, 'machine', 'machines')}`,
    enableOne: (machine) => `Enable JIT on ${machine}`,
    selectAll: 'Select all on this page',
    selectOne: (machine) => `Select ${machine}`,
    range: (from, to, total) => `${from}–${to} of ${total}`,
    previous: 'Previous page',
    next: 'Next page',
    empty: {
      configured: 'No machine is protected yet',
      notConfigured: 'Every machine that can be protected is',
      unsupported: 'Every machine can be protected',
    },
    nothingFound: 'No machine matches what you search for',
    unselect: 'Clear selection',
    selectFound: (count, of) => (of === undefined ? `Select all ${count} found` : `Select the first ${count} of ${of}`),
    byLabels: 'Protect by labels',
    seeNotConfigured: 'See which machines could be',
  },
  nl: {
    title: 'Just-in-time-toegang tot machines',
    subtitle: 'Welke machines beschermd zijn, welke het kunnen worden, en welke nog niet',
    tabs: { configured: 'Ingesteld', notConfigured: 'Niet ingesteld', unsupported: 'Niet ondersteund' },
    search: 'Zoeken op naam of id',
    os: 'Systeem',
    anyOs: 'Elk systeem',
    severity: 'Ernst',
    anySeverity: 'Elke ernst',
    severities: { High: 'Hoog', Low: 'Laag', Healthy: 'In orde' },
    why: 'Soort',
    anyWhy: 'Elke soort',
    whys: {
      missingNsgOrFirewall: 'Geen beveiligingsgroep of firewall',
      classicMachine: 'Klassieke machine',
      managedFirewall: 'Beheerde firewall',
      unreadableFirewall: 'Onleesbare firewall',
      disabledByPlan: 'Plan staat uit',
      stopped: 'Gestopt',
      other: 'Overig',
    },
    name: 'Machine',
    group: 'Resourcegroep',
    location: 'Locatie',
    requests: 'Toegekend, 7 dagen',
    last: 'Laatste toegang',
    lastUser: 'Laatste gebruiker',
    connection: 'Verbindingsgegevens',
    never: 'Nooit',
    open: (users) => `Open: ${counted('nl', users, 'venster', 'vensters')}`,
    closed: 'Gesloten',
    reason: 'Reden',
    actions: 'Acties',
    actionsOf: (machine) => `Acties voor ${machine}`,
    request: 'Toegang aanvragen',
    edit: 'Bewerken',
    unprotect: 'Bescherming opheffen',
    log: 'Activiteitenlogboek',
    enable: (count) => `JIT inschakelen op ${counted('nl', count, 'machine', 'machines')}`,
    editMany: (count) => `${counted('nl', count, 'machine', 'machines')} bewerken`,
    enableOne: (machine) => `JIT inschakelen op ${machine}`,
    selectAll: 'Alles op deze pagina selecteren',
    selectOne: (machine) => `${machine} selecteren`,
    range: (from, to, total) => `${from}–${to} van ${total}`,
    previous: 'Vorige pagina',
    next: 'Volgende pagina',
    empty: {
      configured: 'Er is nog geen machine beschermd',
      notConfigured: 'Elke machine die beschermd kan worden, is beschermd',
      unsupported: 'Elke machine kan beschermd worden',
    },
    nothingFound: 'Geen machine komt overeen met wat u zoekt',
    unselect: 'Selectie wissen',
    selectFound: (count, of) =>
      of === undefined ? `Alle ${count} gevonden selecteren` : `De eerste ${count} van ${of} selecteren`,
    byLabels: 'Beschermen op labels',
    seeNotConfigured: 'Bekijk welke machines het kunnen worden',
  },
  'zh-TW': {
    title: 'Just-In-Time VM 存取',
    subtitle: '哪些機器受到保護、哪些可以保護，以及哪些尚無法保護',
    tabs: { configured: '已設定', notConfigured: '未設定', unsupported: '不支援' },
    search: '依名稱或識別碼搜尋',
    os: '系統',
    anyOs: '任何系統',
    severity: '嚴重性',
    anySeverity: '任何嚴重性',
    severities: { High: '高', Low: '低', Healthy: '狀況良好' },
    why: '類別',
    anyWhy: '任何類別',
    whys: {
      missingNsgOrFirewall: '沒有安全性群組或防火牆',
      classicMachine: '傳統機器',
      managedFirewall: '受管理的防火牆',
      unreadableFirewall: '無法讀取的防火牆',
      disabledByPlan: '方案未開啟',
      stopped: '已停止',
      other: '其他',
    },
    name: '機器',
    group: '資源群組',
    location: '位置',
    requests: '過去 7 天核准數',
    last: '上次存取',
    lastUser: '上次使用者',
    connection: '連線詳細資料',
    never: '從未',
    open: (users) => `開放中：${numberText('zh-TW', users)} 個時段`,
    closed: '已關閉',
    reason: '原因',
    actions: '動作',
    actionsOf: (machine) => `${machine} 的動作`,
    request: '要求存取',
    edit: '編輯',
    unprotect: '移除保護',
    log: '活動記錄',
    enable: (count) => `在 ${numberText('zh-TW', count)} 部機器上啟用 JIT`,
    editMany: (count) => `編輯 ${numberText('zh-TW', count)} 部機器`,
    enableOne: (machine) => `在 ${machine} 上啟用 JIT`,
    selectAll: '選取本頁全部',
    selectOne: (machine) => `選取 ${machine}`,
    range: (from, to, total) => `第 ${from}–${to} 項，共 ${total} 項`,
    previous: '上一頁',
    next: '下一頁',
    empty: {
      configured: '尚無受保護的機器',
      notConfigured: '所有可保護的機器都已受到保護',
      unsupported: '所有機器都可以受到保護',
    },
    nothingFound: '沒有符合搜尋條件的機器',
    unselect: '清除選取',
    selectFound: (count, of) => (of === undefined ? `選取找到的全部 ${count} 部` : `選取 ${of} 部中的前 ${count} 部`),
    byLabels: '依標籤保護',
    seeNotConfigured: '檢視可以保護的機器',
  },
}
