import type { AuditAction } from '../../../domain/audit.ts'
import type { AuditOutcome } from '../../../domain/audit-catalogue.ts'
import type { Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly csv: string
  readonly jsonLines: string
  readonly refresh: string
  readonly filters: string
  readonly period: string
  readonly periods: Readonly<Record<'hour' | 'day' | 'week' | 'month' | 'all', string>>
  readonly person: string
  readonly machine: string
  readonly anyMachine: string
  readonly operation: string
  readonly anyOperation: string
  readonly outcome: string
  readonly anyOutcome: string
  readonly clear: string
  readonly time: string
  readonly who: string
  readonly what: string
  readonly target: string
  readonly details: string
  readonly close: string
  readonly more: string
  readonly empty: string
  readonly emptyHint: string
  readonly oneRequest: string
  readonly facts: Readonly<Record<'seq' | 'at' | 'actor' | 'address' | 'target' | 'request' | 'grant' | 'hash', string>>
  readonly outcomes: Readonly<Record<AuditOutcome, string>>
}

export const activityMessages: Messages<Words> = {
  en: {
    title: 'Activity log',
    subtitle: 'Who asked for what, what was decided, and what was seen on the firewalls',
    csv: 'Download CSV',
    jsonLines: 'Download JSON Lines',
    refresh: 'Refresh',
    filters: 'Filters',
    period: 'Time',
    periods: { hour: 'Last hour', day: 'Last 24 hours', week: 'Last 7 days', month: 'Last 30 days', all: 'All' },
    person: 'Person',
    machine: 'Machine',
    anyMachine: 'Any machine',
    operation: 'Operation',
    anyOperation: 'Any operation',
    outcome: 'Outcome',
    anyOutcome: 'Any outcome',
    clear: 'Clear filters',
    time: 'Time',
    who: 'Who',
    what: 'What happened',
    target: 'On',
    details: 'Details',
    close: 'Close',
    more: 'Show more',
    empty: 'Nothing matches',
    emptyHint: 'Widen the time, or clear the filters.',
    oneRequest: 'Of one request',
    facts: {
      seq: 'Number',
      at: 'Time',
      actor: 'Who',
      address: 'From',
      target: 'On',
      request: 'Request',
      grant: 'Grant',
      hash: 'Chain hash',
    },
    outcomes: { succeeded: 'Succeeded', refused: 'Refused', failed: 'Failed' },
  },
  nl: {
    title: 'Activiteitenlogboek',
    subtitle: 'Wie wat vroeg, wat er is besloten, en wat er op de firewalls is gezien',
    csv: 'CSV downloaden',
    jsonLines: 'JSON Lines downloaden',
    refresh: 'Vernieuwen',
    filters: 'Filters',
    period: 'Tijd',
    periods: {
      hour: 'Afgelopen uur',
      day: 'Afgelopen 24 uur',
      week: 'Afgelopen 7 dagen',
      month: 'Afgelopen 30 dagen',
      all: 'Alles',
    },
    person: 'Persoon',
    machine: 'Machine',
    anyMachine: 'Elke machine',
    operation: 'Bewerking',
    anyOperation: 'Elke bewerking',
    outcome: 'Uitkomst',
    anyOutcome: 'Elke uitkomst',
    clear: 'Filters wissen',
    time: 'Tijd',
    who: 'Wie',
    what: 'Wat er gebeurde',
    target: 'Op',
    details: 'Details',
    close: 'Sluiten',
    more: 'Meer tonen',
    empty: 'Niets komt overeen',
    emptyHint: 'Kies een langere tijd, of wis de filters.',
    oneRequest: 'Van één aanvraag',
    facts: {
      seq: 'Nummer',
      at: 'Tijd',
      actor: 'Wie',
      address: 'Vanaf',
      target: 'Op',
      request: 'Aanvraag',
      grant: 'Toekenning',
      hash: 'Ketenhash',
    },
    outcomes: { succeeded: 'Gelukt', refused: 'Geweigerd', failed: 'Mislukt' },
  },
  'zh-TW': {
    title: '活動記錄',
    subtitle: '誰要求了什麼、做了什麼決定，以及在防火牆上看到的結果',
    csv: '下載 CSV',
    jsonLines: '下載 JSON Lines',
    refresh: '重新整理',
    filters: '篩選條件',
    period: '時間',
    periods: { hour: '過去 1 小時', day: '過去 24 小時', week: '過去 7 天', month: '過去 30 天', all: '全部' },
    person: '人員',
    machine: '機器',
    anyMachine: '任何機器',
    operation: '作業',
    anyOperation: '任何作業',
    outcome: '結果',
    anyOutcome: '任何結果',
    clear: '清除篩選條件',
    time: '時間',
    who: '人員',
    what: '發生的事',
    target: '對象',
    details: '詳細資料',
    close: '關閉',
    more: '顯示更多',
    empty: '沒有符合的項目',
    emptyHint: '請放寬時間範圍，或清除篩選條件。',
    oneRequest: '單一要求',
    facts: {
      seq: '編號',
      at: '時間',
      actor: '人員',
      address: '來源位址',
      target: '對象',
      request: '要求',
      grant: '授與',
      hash: '鏈結雜湊',
    },
    outcomes: { succeeded: '成功', refused: '遭拒', failed: '失敗' },
  },
}

type Names = Readonly<Partial<Record<AuditAction, string>>>

/** What people look for; an action without a name of its own here is shown by its code. */
export const actionNames: Messages<Names> = {
  en: {
    'access.requested': 'Access requested',
    'access.refused': 'Access refused',
    'access.opened': 'Port opened',
    'access.extended': 'Access extended',
    'access.closing': 'Access being taken back',
    'access.closed': 'Port closed',
    'access.cut': 'Connections cut off',
    'access.outlived': 'Still connected at the end',
    'access.failed': 'Could not be opened',
    'policy.saved': 'Policy saved',
    'policy.removed': 'Policy removed',
    'point.repaired': 'Firewall repaired',
    'role.assigned': 'Role assigned',
    'role.unassigned': 'Role taken away',
    'signin.succeeded': 'Signed in',
    'signin.failed': 'Sign-in failed',
    'signin.breakglass': 'Break-glass token used',
    'audit.read': 'Audit trail read',
    'audit.exported': 'Audit trail downloaded',
    'server.started': 'Server started',
    'server.stopped': 'Server stopped',
  },
  nl: {
    'access.requested': 'Toegang aangevraagd',
    'access.refused': 'Toegang geweigerd',
    'access.opened': 'Poort geopend',
    'access.extended': 'Toegang verlengd',
    'access.closing': 'Toegang wordt ingetrokken',
    'access.closed': 'Poort gesloten',
    'access.cut': 'Verbindingen verbroken',
    'access.outlived': 'Aan het einde nog verbonden',
    'access.failed': 'Kon niet worden geopend',
    'policy.saved': 'Beleid opgeslagen',
    'policy.removed': 'Beleid verwijderd',
    'point.repaired': 'Firewall hersteld',
    'role.assigned': 'Rol toegewezen',
    'role.unassigned': 'Rol ingetrokken',
    'signin.succeeded': 'Aangemeld',
    'signin.failed': 'Aanmelden mislukt',
    'signin.breakglass': 'Noodtoken gebruikt',
    'audit.read': 'Controlespoor gelezen',
    'audit.exported': 'Controlespoor gedownload',
    'server.started': 'Server gestart',
    'server.stopped': 'Server gestopt',
  },
  'zh-TW': {
    'access.requested': '已要求存取',
    'access.refused': '已拒絕存取',
    'access.opened': '連接埠已開啟',
    'access.extended': '存取已延長',
    'access.closing': '正在收回存取',
    'access.closed': '連接埠已關閉',
    'access.cut': '連線已中斷',
    'access.outlived': '結束時仍有連線',
    'access.failed': '無法開啟',
    'policy.saved': '原則已儲存',
    'policy.removed': '原則已移除',
    'point.repaired': '防火牆已修復',
    'role.assigned': '已指派角色',
    'role.unassigned': '已收回角色',
    'signin.succeeded': '已登入',
    'signin.failed': '登入失敗',
    'signin.breakglass': '使用緊急權杖',
    'audit.read': '已讀取稽核記錄',
    'audit.exported': '已下載稽核記錄',
    'server.started': '伺服器已啟動',
    'server.stopped': '伺服器已停止',
  },
}
