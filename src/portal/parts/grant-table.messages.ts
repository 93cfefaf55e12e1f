import type { WireGrant } from '../../contract/request.ts'
import type { Messages } from '../language.tsx'

interface Words {
  readonly machine: string
  readonly port: string
  readonly source: string
  readonly who: string
  readonly state: string
  readonly window: string
  readonly actions: string
  readonly close: string
  readonly closing: string
  readonly extend: string
  readonly again: string
  readonly copy: string
  readonly copied: string
  readonly loginName: string
  readonly noLoginName: string
  readonly rdpFile: string
  readonly endsIn: (countdown: string) => string
  readonly states: Readonly<Record<WireGrant['state'], string>>
  readonly closeOne: (port: string, machine: string) => string
  readonly extendOne: (port: string, machine: string) => string
  readonly againOne: (port: string, machine: string) => string
  readonly copyOne: (line: string) => string
}

export const grantMessages: Messages<Words> = {
  en: {
    machine: 'Machine',
    port: 'Port',
    source: 'From',
    who: 'Who',
    state: 'State',
    window: 'Window',
    actions: 'Actions',
    close: 'Close now',
    closing: 'Closing…',
    extend: 'Extend',
    again: 'Request again',
    copy: 'Copy',
    copied: 'Copied',
    loginName: 'Your name on the machines, for SSH',
    noLoginName: 'Letters, digits, and . _ - alone',
    rdpFile: 'RDP file',
    endsIn: (countdown) => `closes in ${countdown}`,
    states: {
      awaiting: 'Awaiting',
      opening: 'Opening',
      open: 'Open',
      closing: 'Closing',
      closed: 'Closed',
      failed: 'Failed',
    },
    closeOne: (port, machine) => `Close now: ${port} on ${machine}`,
    extendOne: (port, machine) => `Extend: ${port} on ${machine}`,
    againOne: (port, machine) => `Request again: ${port} on ${machine}`,
    copyOne: (line) => `Copy: ${line}`,
  },
  nl: {
    machine: 'Machine',
    port: 'Poort',
    source: 'Van',
    who: 'Wie',
    state: 'Status',
    window: 'Venster',
    actions: 'Acties',
    close: 'Nu sluiten',
    closing: 'Sluit…',
    extend: 'Verlengen',
    again: 'Opnieuw aanvragen',
    copy: 'Kopiëren',
    copied: 'Gekopieerd',
    loginName: 'Uw naam op de machines, voor SSH',
    noLoginName: 'Alleen letters, cijfers en . _ -',
    rdpFile: 'RDP-bestand',
    endsIn: (countdown) => `sluit over ${countdown}`,
    states: {
      awaiting: 'Wacht',
      opening: 'Gaat open',
      open: 'Open',
      closing: 'Gaat dicht',
      closed: 'Gesloten',
      failed: 'Mislukt',
    },
    closeOne: (port, machine) => `Nu sluiten: ${port} op ${machine}`,
    extendOne: (port, machine) => `Verlengen: ${port} op ${machine}`,
    againOne: (port, machine) => `Opnieuw aanvragen: ${port} op ${machine}`,
    copyOne: (line) => `Kopiëren: ${line}`,
  },
  'zh-TW': {
    machine: '機器',
    port: '連接埠',
    source: '來源',
    who: '使用者',
    state: '狀態',
    window: '時段',
    actions: '動作',
    close: '立即關閉',
    closing: '關閉中…',
    extend: '延長',
    again: '再次要求',
    copy: '複製',
    copied: '已複製',
    loginName: '您在機器上的名稱 (用於 SSH)',
    noLoginName: '只能使用字母、數字與 . _ -',
    rdpFile: 'RDP 檔案',
    endsIn: (countdown) => `${countdown} 後關閉`,
    states: {
      awaiting: '等候中',
      opening: '開啟中',
      open: '開放',
      closing: '關閉中',
      closed: '已關閉',
      failed: '失敗',
    },
    closeOne: (port, machine) => `立即關閉：${machine} 的 ${port}`,
    extendOne: (port, machine) => `延長：${machine} 的 ${port}`,
    againOne: (port, machine) => `再次要求：${machine} 的 ${port}`,
    copyOne: (line) => `複製：${line}`,
  },
}
