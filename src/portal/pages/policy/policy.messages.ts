import type { OnExpiry } from '../../../domain/access/flow.ts'
import { counted, numberText, type Messages } from '../../language.tsx'

interface Words {
  readonly title: (machine: string | undefined, count: number) => string
  readonly subtitle: string
  readonly none: string
  readonly noSuchMachine: string
  readonly toMachines: string
  readonly port: string
  readonly protocol: string
  readonly protocols: Readonly<Record<'TCP' | 'UDP' | '*', string>>
  readonly sources: string
  readonly perRequest: string
  readonly list: string
  readonly ranges: string
  readonly rangesHint: string
  readonly hours: string
  readonly onExpiry: string
  readonly onExpiries: Readonly<Record<OnExpiry, string>>
  readonly add: string
  readonly remove: (port: string) => string
  readonly recommended: string
  readonly repeated: string
  readonly noRules: string
  readonly plan: string
  readonly planning: string
  readonly planNothing: string
  readonly planPoint: (point: string) => string
  readonly creates: (policy: string) => string
  readonly changes: (policy: string) => string
  readonly removes: (policy: string) => string
  readonly unchanged: (policy: string) => string
  readonly refused: string
  readonly force: string
  readonly managed: (tool: string) => string
  readonly takeOver: string
  readonly save: string
  readonly saving: (order: number, of: number) => string
  readonly saved: string
  readonly discard: string
  readonly back: string
  readonly conflict: string
  readonly readAgain: string
  readonly failed: string
  readonly unprotect: (count: number) => string
  readonly unprotectTitle: string
  readonly unprotectText: string
  readonly cancel: string
  readonly mixed: string
  readonly chosen: (machines: string, selector: string) => string
  readonly editLabels: string
}

export const policyMessages: Messages<Words> = {
  en: {
    title: (machine, count) => machine ?? counted('en', count, 'machine', 'machines'),
    subtitle: 'JIT VM access configuration: ports that are closed, and what may be asked for',
    noSuchMachine: 'This machine does not exist, or you may not see it',
    none: 'Choose machines first',
    toMachines: 'Go to the machines',
    port: 'Port',
    protocol: 'Protocol',
    protocols: { TCP: 'TCP', UDP: 'UDP', '*': 'Any' },
    sources: 'Allowed source IPs',
    perRequest: 'Per request',
    list: 'CIDR block',
    ranges: 'IP ranges',
    rangesHint: '10.0.0.0/8, 2001:db8::/32',
    hours: 'Maximum time (hours)',
    onExpiry: 'Who is connected then',
    onExpiries: { keep: 'Stays connected', warn: 'Stays, with a warning', cut: 'Is cut off' },
    add: 'Add a port',
    remove: (port) => `Delete port ${port}`,
    recommended: 'Recommended ports',
    repeated: 'This port is there twice; a port is protected once per machine.',
    noRules: 'Add at least one port, or remove the protection.',
    plan: 'Review changes',
    planning: 'Asking every firewall…',
    planNothing: 'Nothing changes on the firewalls.',
    planPoint: (point) => `On ${point}`,
    creates: (policy) => `Makes policy ${policy}`,
    changes: (policy) => `Changes policy ${policy}`,
    removes: (policy) => `Removes policy ${policy}`,
    unchanged: (policy) => `Policy ${policy} stays as it is`,
    refused: 'This cannot be saved',
    force: 'Save all the same. It closes the port of a live connection of yours; that connection lives on.',
    managed: (tool) => `${tool} manages this policy: it will put back what you change here.`,
    takeOver: 'Change it all the same',
    save: 'Save',
    saving: (order, of) => (of > 1 ? `Saving ${numberText('en', order)} of ${numberText('en', of)}…` : 'Saving…'),
    saved: 'Saved. The firewalls follow at once.',
    discard: 'Discard',
    back: 'Back to the rules',
    conflict:
      'Somebody changed this policy meanwhile. Your rules are still here; read it again and review the changes.',
    readAgain: 'Read again',
    failed: 'This could not be saved',
    unprotect: (count) => `Remove protection of ${counted('en', count, 'machine', 'machines')}`,
    unprotectTitle: 'Remove the protection?',
    unprotectText: 'The firewalls go back to what they were before. What is open through Sallyport closes.',
    cancel: 'Cancel',
    mixed: 'These machines have different rules; what you save replaces them all.',
    chosen: (machines, selector) =>
      `Protected for the label ${selector}: ${machines}. What you save here counts before the label. To end the protection, edit which labels are protected, or the labels of the host.`,
    editLabels: 'Edit protected labels',
  },
  nl: {
    title: (machine, count) => machine ?? counted('nl', count, 'machine', 'machines'),
    subtitle: 'Instelling van JIT-toegang: poorten die gesloten zijn, en wat aangevraagd mag worden',
    noSuchMachine: 'Deze machine bestaat niet, of u mag haar niet zien',
    none: 'Kies eerst machines',
    toMachines: 'Naar de machines',
    port: 'Poort',
    protocol: 'Protocol',
    protocols: { TCP: 'TCP', UDP: 'UDP', '*': 'Alle' },
    sources: 'Toegestane bron-IP’s',
    perRequest: 'Per aanvraag',
    list: 'CIDR-blok',
    ranges: 'IP-reeksen',
    rangesHint: '10.0.0.0/8, 2001:db8::/32',
    hours: 'Maximale tijd (uren)',
    onExpiry: 'Wie dan verbonden is',
    onExpiries: { keep: 'Blijft verbonden', warn: 'Blijft, met een waarschuwing', cut: 'Wordt verbroken' },
    add: 'Poort toevoegen',
    remove: (port) => `Poort ${port} verwijderen`,
    recommended: 'Aanbevolen poorten',
    repeated: 'Deze poort staat er twee keer; een poort wordt per machine één keer beschermd.',
    noRules: 'Voeg ten minste één poort toe, of hef de bescherming op.',
    plan: 'Wijzigingen bekijken',
    planning: 'Elke firewall wordt bevraagd…',
    planNothing: 'Er verandert niets op de firewalls.',
    planPoint: (point) => `Op ${point}`,
    creates: (policy) => `Maakt beleid ${policy}`,
    changes: (policy) => `Wijzigt beleid ${policy}`,
    removes: (policy) => `Verwijdert beleid ${policy}`,
    unchanged: (policy) => `Beleid ${policy} blijft zoals het is`,
    refused: 'Dit kan niet worden opgeslagen',
    force: 'Toch opslaan. Dit sluit de poort van een lopende verbinding van u; die verbinding blijft bestaan.',
    managed: (tool) => `${tool} beheert dit beleid en zet terug wat u hier wijzigt.`,
    takeOver: 'Toch wijzigen',
    save: 'Opslaan',
    saving: (order, of) =>
      of > 1 ? `${numberText('nl', order)} van ${numberText('nl', of)} wordt opgeslagen…` : 'Wordt opgeslagen…',
    saved: 'Opgeslagen. De firewalls volgen meteen.',
    discard: 'Verwerpen',
    back: 'Terug naar de regels',
    conflict:
      'Iemand heeft dit beleid intussen gewijzigd. Uw regels staan er nog; lees het opnieuw en bekijk de wijzigingen.',
    readAgain: 'Opnieuw lezen',
    failed: 'Dit kon niet worden opgeslagen',
    unprotect: (count) => `Bescherming van ${counted('nl', count, 'machine', 'machines')} opheffen`,
    unprotectTitle: 'Bescherming opheffen?',
    unprotectText: 'De firewalls worden weer zoals ze waren. Wat via Sallyport openstaat, sluit.',
    cancel: 'Annuleren',
    mixed: 'Deze machines hebben verschillende regels; wat u opslaat, vervangt ze allemaal.',
    chosen: (machines, selector) =>
      `Beschermd vanwege het label ${selector}: ${machines}. Wat u hier opslaat, gaat voor het label. Bewerk welke labels beschermd zijn, of de labels van de host, om de bescherming op te heffen.`,
    editLabels: 'Beschermde labels bewerken',
  },
  'zh-TW': {
    title: (machine, count) => machine ?? `${numberText('zh-TW', count)} 部機器`,
    subtitle: 'JIT VM 存取設定：平時關閉的連接埠，以及可以要求的範圍',
    noSuchMachine: '此機器不存在，或您無權檢視',
    none: '請先選擇機器',
    toMachines: '前往機器',
    port: '連接埠',
    protocol: '通訊協定',
    protocols: { TCP: 'TCP', UDP: 'UDP', '*': '任何' },
    sources: '允許的來源 IP',
    perRequest: '依要求而定',
    list: 'CIDR 區塊',
    ranges: 'IP 範圍',
    rangesHint: '10.0.0.0/8, 2001:db8::/32',
    hours: '時間上限 (小時)',
    onExpiry: '屆時仍連線者',
    onExpiries: { keep: '保持連線', warn: '保持連線並提出警告', cut: '中斷連線' },
    add: '新增連接埠',
    remove: (port) => `刪除連接埠 ${port}`,
    recommended: '建議的連接埠',
    repeated: '此連接埠重複；每部機器的同一連接埠只能保護一次。',
    noRules: '請至少新增一個連接埠，或移除保護。',
    plan: '檢閱變更',
    planning: '正在詢問每一道防火牆…',
    planNothing: '防火牆沒有任何變更。',
    planPoint: (point) => `在 ${point}`,
    creates: (policy) => `建立原則 ${policy}`,
    changes: (policy) => `變更原則 ${policy}`,
    removes: (policy) => `移除原則 ${policy}`,
    unchanged: (policy) => `原則 ${policy} 維持不變`,
    refused: '無法儲存',
    force: '仍要儲存。這會關閉您目前連線所使用的連接埠；該連線會繼續存在。',
    managed: (tool) => `此原則由 ${tool} 管理：您在此所做的變更會被它還原。`,
    takeOver: '仍要變更',
    save: '儲存',
    saving: (order, of) =>
      of > 1 ? `儲存中：第 ${numberText('zh-TW', order)} 項，共 ${numberText('zh-TW', of)} 項…` : '儲存中…',
    saved: '已儲存。防火牆將立即套用。',
    discard: '捨棄',
    back: '返回規則',
    conflict: '其他人在此期間變更了這個原則。您的規則仍保留在此；請重新讀取並檢閱變更。',
    readAgain: '重新讀取',
    failed: '無法儲存',
    unprotect: (count) => `移除 ${numberText('zh-TW', count)} 部機器的保護`,
    unprotectTitle: '要移除保護嗎？',
    unprotectText: '防火牆會恢復為先前的狀態。透過 Sallyport 開啟的連接埠都會關閉。',
    cancel: '取消',
    mixed: '這些機器的規則不同；儲存後會全部取代。',
    chosen: (machines, selector) =>
      `因標籤 ${selector} 而受保護：${machines}。您在此儲存的內容優先於標籤。若要解除保護，請編輯受保護的標籤，或變更主機的標籤。`,
    editLabels: '編輯受保護的標籤',
  },
}
