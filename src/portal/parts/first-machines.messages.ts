import type { Messages } from '../language.tsx'

interface Words {
  readonly title: string
  readonly mayConnect: string
  readonly mayNot: string
  readonly cloud: string
  readonly host: string
}

export const firstMachinesMessages: Messages<Words> = {
  en: {
    title: 'No machine is here yet',
    mayConnect:
      'Connect a cloud, or enroll a Linux host. The machines appear here by themselves, and you choose which to protect.',
    mayNot: 'Somebody who may connect clouds or enroll hosts does that first; or there are none that you may see.',
    cloud: 'Connect a cloud',
    host: 'Enroll a host',
  },
  nl: {
    title: 'Er zijn hier nog geen machines',
    mayConnect:
      'Verbind een cloud, of registreer een Linux-host. De machines verschijnen hier vanzelf, en u kiest welke u beschermt.',
    mayNot:
      'Iemand die clouds mag verbinden of hosts mag registreren, doet dat eerst; of er zijn geen machines die u mag zien.',
    cloud: 'Cloud verbinden',
    host: 'Host registreren',
  },
  'zh-TW': {
    title: '這裡還沒有機器',
    mayConnect: '請連接雲端，或註冊 Linux 主機。機器會自動出現在此處，由您選擇要保護哪些。',
    mayNot: '需先由可連接雲端或註冊主機的人完成設定；或者沒有您可檢視的機器。',
    cloud: '連接雲端',
    host: '註冊主機',
  },
}
