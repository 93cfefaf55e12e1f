import { counted, numberText, type Messages } from '../../language.tsx'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly machines: string
  readonly machinesHint: string
  readonly takeOut: (machine: string) => string
  readonly noneFound: string
  readonly askedBefore: string
  readonly connect: string
  readonly noMachines: string
  readonly notProtected: (machines: string) => string
  readonly noMachinesHint: string
  readonly port: string
  readonly on: (port: string, machine: string) => string
  readonly source: string
  readonly mine: (address: string) => string
  readonly ranges: string
  readonly rangesLabel: string
  readonly rangesHint: string
  readonly noSource: string
  readonly duration: string
  readonly minutes: string
  readonly inMinutes: string
  readonly durationOf: (span: string, longest: string) => string
  readonly justification: string
  readonly justificationHint: string
  readonly open: (count: number) => string
  readonly nothingOn: string
  readonly asking: string
  readonly refused: string
  readonly perhaps: string
  readonly done: string
  readonly opening: string
  readonly allOpen: string
  readonly someFailed: string
  readonly over: string
  readonly another: string
  readonly toMine: string
}

export const requestMessages: Messages<Words> = {
  en: {
    title: 'Request access',
    subtitle: 'Open ports for yourself; they close by themselves',
    machines: 'Machines',
    machinesHint: 'Type to find a protected machine',
    takeOut: (machine) => `Take out ${machine}`,
    noneFound: 'No other protected machine is called that',
    askedBefore: 'Asked for before:',
    connect: 'Connect',
    noMachines: 'No machine of yours is protected yet',
    notProtected: (machines) => `No policy that you may see protects ${machines}: access cannot be requested.`,
    noMachinesHint:
      'Somebody who may configure policies enables just-in-time access on a machine first, and an administrator gives you a role there.',
    port: 'Port',
    on: (port, machine) => `Open ${port} on ${machine}`,
    source: 'Allowed source',
    mine: (address) => `My IP (${address})`,
    ranges: 'IP ranges',
    rangesLabel: 'IP ranges',
    rangesHint: '203.0.113.7, 198.51.100.0/24, 2001:db8::/64',
    noSource: 'Write at least one address or CIDR range.',
    duration: 'Time',
    minutes: 'minutes',
    inMinutes: 'Time in minutes',
    durationOf: (span, longest) => `${span}, at most ${longest}`,
    justification: 'Justification',
    justificationHint: 'Why, in your words: auditors read it',
    open: (count) => (count === 0 ? 'Open ports' : `Open ${counted('en', count, 'port', 'ports')}`),
    nothingOn: 'Switch on at least one port.',
    asking: 'Asking…',
    refused: 'Not granted; nothing was opened',
    perhaps: 'Perhaps opened: look at My access before you ask again',
    done: 'Granted',
    opening: 'Opening: waiting until every firewall was seen to let you in…',
    allOpen: 'Open. Connect now:',
    someFailed: 'Some could not be opened; the reason stands with them.',
    over: 'This access is over; the port was seen closed.',
    another: 'Request something else',
    toMine: 'See my access',
  },
  nl: {
    title: 'Toegang aanvragen',
    subtitle: 'Open poorten voor uzelf; ze sluiten vanzelf',
    machines: 'Machines',
    machinesHint: 'Typ om een beschermde machine te vinden',
    takeOut: (machine) => `Weghalen: ${machine}`,
    noneFound: 'Geen andere beschermde machine heet zo',
    askedBefore: 'Eerder aangevraagd:',
    connect: 'Verbinden',
    noMachines: 'Er is nog geen machine van u beschermd',
    notProtected: (machines) =>
      `Geen beleid dat u mag zien, beschermt ${machines}: toegang kan niet worden aangevraagd.`,
    noMachinesHint:
      'Iemand die beleid mag instellen, schakelt eerst just-in-time-toegang in op een machine, en een beheerder geeft u daar een rol.',
    port: 'Poort',
    on: (port, machine) => `${port} op ${machine} openen`,
    source: 'Toegestane bron',
    mine: (address) => `Mijn IP (${address})`,
    ranges: 'IP-reeksen',
    rangesLabel: 'IP-reeksen',
    rangesHint: '203.0.113.7, 198.51.100.0/24, 2001:db8::/64',
    noSource: 'Schrijf ten minste één adres of CIDR-reeks.',
    duration: 'Tijd',
    minutes: 'minuten',
    inMinutes: 'Tijd in minuten',
    durationOf: (span, longest) => `${span}, hoogstens ${longest}`,
    justification: 'Reden',
    justificationHint: 'Waarom, in uw eigen woorden: controleurs lezen het',
    open: (count) => (count === 0 ? 'Poorten openen' : `${counted('nl', count, 'poort', 'poorten')} openen`),
    nothingOn: 'Zet ten minste één poort aan.',
    asking: 'Wordt aangevraagd…',
    refused: 'Niet toegestaan; er is niets geopend',
    perhaps: 'Misschien geopend: kijk bij Mijn toegang voordat u opnieuw aanvraagt',
    done: 'Toegestaan',
    opening: 'Gaat open: wacht tot elke firewall u aantoonbaar doorlaat…',
    allOpen: 'Open. Maak nu verbinding:',
    someFailed: 'Sommige konden niet worden geopend; de reden staat erbij.',
    over: 'Deze toegang is voorbij; er is gezien dat de poort dicht is.',
    another: 'Iets anders aanvragen',
    toMine: 'Mijn toegang bekijken',
  },
  'zh-TW': {
    title: '要求存取',
    subtitle: '為自己開啟連接埠；時間到了會自動關閉',
    machines: '機器',
    machinesHint: '輸入以尋找受保護的機器',
    takeOut: (machine) => `移除 ${machine}`,
    noneFound: '找不到其他符合名稱的受保護機器',
    askedBefore: '先前要求過：',
    connect: '連線',
    noMachines: '您還沒有受保護的機器',
    notProtected: (machines) => `您可檢視的原則都未保護 ${machines}，因此無法要求存取。`,
    noMachinesHint: '需由有權設定原則的人先在機器上啟用 Just-In-Time 存取，並由系統管理員指派角色給您。',
    port: '連接埠',
    on: (port, machine) => `開啟 ${machine} 的 ${port}`,
    source: '允許的來源',
    mine: (address) => `我的 IP (${address})`,
    ranges: 'IP 範圍',
    rangesLabel: 'IP 範圍',
    rangesHint: '203.0.113.7, 198.51.100.0/24, 2001:db8::/64',
    noSource: '請至少輸入一個位址或 CIDR 範圍。',
    duration: '時間',
    minutes: '分鐘',
    inMinutes: '時間 (分鐘)',
    durationOf: (span, longest) => `${span}，最長 ${longest}`,
    justification: '理由',
    justificationHint: '請以自己的話說明原因，供稽核人員查閱',
    open: (count) => (count === 0 ? '開啟連接埠' : `開啟 ${numberText('zh-TW', count)} 個連接埠`),
    nothingOn: '請至少開啟一個連接埠。',
    asking: '要求中…',
    refused: '未獲准；沒有開啟任何連接埠',
    perhaps: '可能已開啟：再次要求前，請先查看「我的存取」',
    done: '已獲准',
    opening: '開啟中：等候確認每一道防火牆都已放行…',
    allOpen: '已開放。現在即可連線：',
    someFailed: '部分連接埠無法開啟，原因列於其旁。',
    over: '此存取已結束，已確認連接埠關閉。',
    another: '要求其他存取',
    toMine: '檢視我的存取',
  },
}
