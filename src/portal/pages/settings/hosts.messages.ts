import type { WireHost } from '../../../contract/host.ts'
import { numberText, type Messages } from '../../language.tsx'

interface Words {
  readonly hosts: string
  readonly search: string
  readonly noHosts: string
  readonly noHostsHint: string
  readonly nothingFound: string
  readonly more: (shown: number) => string
  readonly name: string
  readonly nameHint: string
  readonly gatewayCalled: (name: string) => string
  readonly kind: string
  readonly kinds: Readonly<Record<WireHost['kind'], string>>
  readonly kindHints: Readonly<Record<WireHost['kind'], string>>
  readonly state: string
  readonly states: Readonly<Record<WireHost['state'], string>>
  readonly lost: string
  readonly cloned: string
  readonly runs: string
  readonly agent: (version: string) => string
  readonly upgrade: string
  readonly labels: string
  readonly labelsHint: string
  readonly labelsOf: (name: string) => string
  readonly addresses: string
  readonly actions: string
  readonly actionsOf: (name: string) => string
  readonly deeds: Readonly<Record<'again' | 'behind' | 'labels' | 'log' | 'revoke' | 'remove' | 'add', string>>
  readonly questions: Readonly<Record<'revoke' | 'remove', (name: string) => string>>
  readonly consequences: Readonly<Record<'revoke' | 'remove', string>>
  readonly enroll: string
  readonly enrollAgain: (name: string) => string
  readonly enrollAgainText: string
  readonly giveCommand: string
  readonly validFor: string
  readonly command: string
  readonly once: (until: string, left: string) => string
  readonly over: string
  readonly fingerprint: (fingerprint: string) => string
  readonly save: string
  readonly close: string
  readonly logOf: (name: string) => string
  readonly noLog: string
  readonly behindOf: (name: string) => string
  readonly nothingBehind: string
  readonly addBehind: string
  readonly behindHint: string
  readonly system: string
  readonly takeOut: (name: string) => string
}

export const hostMessages: Messages<Words> = {
  en: {
    hosts: 'Hosts',
    search: 'Search by name',
    noHosts: 'No host runs the agent that you may see',
    noHostsHint:
      'Enroll a Linux host to protect its ports by its own kernel, or a gateway to protect what is behind it.',
    nothingFound: 'No host is called that',
    more: (shown) => `The first ${numberText('en', shown)} are shown. Search to find others.`,
    name: 'Name',
    nameHint: 'How policies and people will call it',
    gatewayCalled: (name) => `${name} (gateway)`,
    kind: 'Kind',
    kinds: { host: 'Host', gateway: 'Gateway' },
    kindHints: {
      host: 'Protects its own ports',
      gateway: 'Protects machines behind it that run no agent',
    },
    state: 'State',
    states: {
      neverEnrolled: 'Waits to be enrolled',
      enrolled: 'Enrolled, not heard from yet',
      connected: 'Connected',
      unreachable: 'Unreachable',
      revoked: 'Cut off',
    },
    lost: 'Last heard from',
    cloned: 'Two machines came with its certificate: one is a copy of the other. Enroll each under its own name.',
    runs: 'Runs',
    agent: (version) => `Agent ${version}`,
    upgrade: 'Another version is there',
    labels: 'Labels',
    labelsHint: 'Such as env=prod, with spaces or lines between; policies can choose machines by them',
    labelsOf: (name) => `Labels of ${name}`,
    addresses: 'Addresses',
    actions: 'Actions',
    actionsOf: (name) => `Actions for ${name}`,
    deeds: {
      again: 'Enroll again',
      behind: 'Machines behind it',
      add: 'Add',
      labels: 'Edit labels',
      log: 'Show the agent’s log',
      revoke: 'Cut off',
      remove: 'Remove',
    },
    questions: { revoke: (name) => `Cut off ${name}?`, remove: (name) => `Remove ${name}?` },
    consequences: {
      revoke:
        'Its agent is not believed any more until it is enrolled anew. What is open there closes on time by its kernel; nothing new can be opened.',
      remove:
        'The host is forgotten and its agent cut off. Its ports stay as they are until the agent is taken off the host. Refused while a policy names it.',
    },
    enroll: 'Enroll a host',
    enrollAgain: (name) => `Enroll ${name} again`,
    enrollAgainText:
      'Whoever runs the new command becomes this host; certificates that it had before are refused from then on.',
    giveCommand: 'Give the command',
    validFor: 'The command is good for',
    command: 'Command',
    once: (until, left) =>
      `Run this on the host as root, as it stands. It is shown only once and works once, until ${until} (${left} left).`,
    over: 'The command is over. Close this and ask for another one.',
    fingerprint: (fingerprint) => `The agent will trust only the authority ${fingerprint}.`,
    save: 'Save',
    close: 'Close',
    logOf: (name) => `Log of ${name}`,
    noLog: 'The agent has nothing to tell.',
    behindOf: (name) => `Machines behind ${name}`,
    nothingBehind: 'No machine is behind it yet.',
    addBehind: 'Add a machine, or change where one is',
    behindHint: 'As the gateway reaches it; several with spaces between',
    system: 'System',
    takeOut: (name) => `Remove ${name}`,
  },
  nl: {
    hosts: 'Hosts',
    search: 'Zoeken op naam',
    noHosts: 'Er is geen host met een agent die u mag zien',
    noHostsHint:
      'Registreer een Linux-host om zijn poorten met zijn eigen kernel te beschermen, of een gateway om te beschermen wat erachter ligt.',
    nothingFound: 'Geen host heet zo',
    more: (shown) => `De eerste ${numberText('nl', shown)} worden getoond. Zoek om andere te vinden.`,
    name: 'Naam',
    nameHint: 'De naam in beleid en voor mensen',
    gatewayCalled: (name) => `${name} (gateway)`,
    kind: 'Soort',
    kinds: { host: 'Host', gateway: 'Gateway' },
    kindHints: {
      host: 'Beschermt zijn eigen poorten',
      gateway: 'Beschermt machines erachter waarop geen agent draait',
    },
    state: 'Status',
    states: {
      neverEnrolled: 'Wacht op registratie',
      enrolled: 'Geregistreerd, nog niets gehoord',
      connected: 'Verbonden',
      unreachable: 'Onbereikbaar',
      revoked: 'Afgesneden',
    },
    lost: 'Laatst van gehoord',
    cloned:
      'Twee machines kwamen met hetzelfde certificaat: de ene is een kopie van de andere. Registreer elk onder een eigen naam.',
    runs: 'Draait',
    agent: (version) => `Agent ${version}`,
    upgrade: 'Er is een andere versie',
    labels: 'Labels',
    labelsHint: 'Zoals env=prod, met spaties of regels ertussen; beleid kan er machines mee kiezen',
    labelsOf: (name) => `Labels van ${name}`,
    addresses: 'Adressen',
    actions: 'Acties',
    actionsOf: (name) => `Acties voor ${name}`,
    deeds: {
      again: 'Opnieuw registreren',
      behind: 'Machines erachter',
      add: 'Toevoegen',
      labels: 'Labels bewerken',
      log: 'Logboek van de agent tonen',
      revoke: 'Afsnijden',
      remove: 'Verwijderen',
    },
    questions: { revoke: (name) => `${name} afsnijden?`, remove: (name) => `${name} verwijderen?` },
    consequences: {
      revoke:
        'De agent wordt niet meer geloofd totdat de host opnieuw is geregistreerd. Wat er openstaat, sluit op tijd door de kernel; er kan niets nieuws worden geopend.',
      remove:
        'De host wordt vergeten en de agent afgesneden. De poorten blijven zoals ze zijn totdat de agent van de host is verwijderd. Wordt geweigerd zolang een beleid de host noemt.',
    },
    enroll: 'Host registreren',
    enrollAgain: (name) => `${name} opnieuw registreren`,
    enrollAgainText:
      'Wie de nieuwe opdracht uitvoert, wordt deze host; certificaten van vroeger worden vanaf dan geweigerd.',
    giveCommand: 'Opdracht geven',
    validFor: 'De opdracht is geldig gedurende',
    command: 'Opdracht',
    once: (until, left) =>
      `Voer dit als root en ongewijzigd uit op de host. Het wordt één keer getoond en werkt één keer, tot ${until} (nog ${left}).`,
    over: 'De opdracht is verlopen. Sluit dit venster en vraag een nieuwe aan.',
    fingerprint: (fingerprint) => `De agent vertrouwt alleen de autoriteit ${fingerprint}.`,
    save: 'Opslaan',
    close: 'Sluiten',
    logOf: (name) => `Logboek van ${name}`,
    noLog: 'De agent heeft niets te melden.',
    behindOf: (name) => `Machines achter ${name}`,
    nothingBehind: 'Er ligt nog geen machine achter.',
    addBehind: 'Machine toevoegen, of wijzigen waar er een staat',
    behindHint: 'Zoals de gateway de machine bereikt; meer met spaties ertussen',
    system: 'Systeem',
    takeOut: (name) => `Verwijderen: ${name}`,
  },
  'zh-TW': {
    hosts: '主機',
    search: '依名稱搜尋',
    noHosts: '沒有您可檢視的代理程式主機',
    noHostsHint: '註冊 Linux 主機，即可由其核心保護連接埠；註冊閘道，即可保護其後方的機器。',
    nothingFound: '沒有這個名稱的主機',
    more: (shown) => `顯示前 ${numberText('zh-TW', shown)} 部。請搜尋以尋找其他主機。`,
    name: '名稱',
    nameHint: '原則和使用者將以此稱呼',
    gatewayCalled: (name) => `${name} (閘道)`,
    kind: '類型',
    kinds: { host: '主機', gateway: '閘道' },
    kindHints: { host: '保護自己的連接埠', gateway: '保護其後方未執行代理程式的機器' },
    state: '狀態',
    states: {
      neverEnrolled: '等待註冊',
      enrolled: '已註冊，尚未回報',
      connected: '已連線',
      unreachable: '無法連線',
      revoked: '已切斷',
    },
    lost: '上次回報',
    cloned: '有兩部機器使用相同的憑證：其中一部是另一部的複本。請分別以不同的名稱註冊。',
    runs: '執行中',
    agent: (version) => `代理程式 ${version}`,
    upgrade: '有其他版本',
    labels: '標籤',
    labelsHint: '例如 env=prod，以空格或換行分隔；原則可依標籤選取機器',
    labelsOf: (name) => `${name} 的標籤`,
    addresses: '位址',
    actions: '動作',
    actionsOf: (name) => `${name} 的動作`,
    deeds: {
      again: '重新註冊',
      behind: '其後方的機器',
      add: '新增',
      labels: '編輯標籤',
      log: '顯示代理程式記錄',
      revoke: '切斷',
      remove: '移除',
    },
    questions: { revoke: (name) => `要切斷 ${name} 嗎？`, remove: (name) => `要移除 ${name} 嗎？` },
    consequences: {
      revoke: '在重新註冊之前，將不再信任其代理程式。已開放的連接埠會由核心準時關閉，但無法再開放新的連接埠。',
      remove:
        '主機將被移除，其代理程式也會被切斷。在從主機移除代理程式之前，其連接埠維持現狀。若有原則包含此主機，則會拒絕移除。',
    },
    enroll: '註冊主機',
    enrollAgain: (name) => `重新註冊 ${name}`,
    enrollAgainText: '執行新命令的機器將成為此主機；先前的憑證自此不再接受。',
    giveCommand: '取得命令',
    validFor: '命令有效時間',
    command: '命令',
    once: (until, left) =>
      `請在主機上以 root 身分原樣執行。此命令只會顯示一次、只能使用一次，有效至 ${until} (剩餘 ${left})。`,
    over: '命令已過期。請關閉此視窗並重新取得。',
    fingerprint: (fingerprint) => `代理程式只會信任此授權單位：${fingerprint}。`,
    save: '儲存',
    close: '關閉',
    logOf: (name) => `${name} 的記錄`,
    noLog: '代理程式沒有可回報的內容。',
    behindOf: (name) => `${name} 後方的機器`,
    nothingBehind: '後方尚無機器。',
    addBehind: '新增機器，或變更其位址',
    behindHint: '閘道連線到該機器所用的位址；多個位址以空格分隔',
    system: '系統',
    takeOut: (name) => `移除 ${name}`,
  },
}
