import type { Messages } from '../../language.tsx'
import type { DraftField } from './connection-draft.ts'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly tabs: Readonly<
    Record<'connections' | 'hosts' | 'installation' | 'issuers' | 'audit' | 'plans' | 'sessions', string>
  >
  readonly name: string
  readonly cloud: string
  readonly clouds: Readonly<Record<'azure' | 'aws', string>>
  readonly reaches: string
  readonly state: string
  readonly states: Readonly<Record<'unread' | 'fresh' | 'stale', string>>
  readonly lastRead: string
  readonly machines: string
  readonly actions: string
  readonly actionsOf: (name: string) => string
  readonly connect: string
  readonly noConnections: string
  readonly noConnectionsHint: string
  readonly check: string
  readonly checked: (name: string) => string
  readonly checkStates: Readonly<Record<'ok' | 'missing' | 'unknown', string>>
  readonly refresh: string
  readonly remove: string
  readonly removeConnection: (name: string) => string
  readonly removeConnectionText: string
  readonly credential: string
  readonly azureCloud: string
  readonly azureClouds: Readonly<Record<'public' | 'usgov' | 'china' | 'custom', string>>
  readonly azureCredentials: Readonly<
    Record<'managedIdentity' | 'clientSecret' | 'certificate' | 'workloadIdentity', string>
  >
  readonly awsCredentials: Readonly<Record<'instanceRole' | 'profile' | 'staticKeys', string>>
  readonly fields: Readonly<Record<DraftField, string>>
  readonly hints: Readonly<Partial<Record<DraftField, string>>>
  readonly taken: string
  readonly drift: string
  readonly drifts: Readonly<Record<'repair' | 'report', string>>
  readonly tryFirst: string
  readonly trying: string
  readonly tried: string
  readonly connectWords: Readonly<Record<'now' | 'anyway', string>>
  readonly saveWords: Readonly<Record<'now' | 'anyway', string>>
  readonly edit: string
  readonly editOf: (name: string) => string
  readonly readAgain: string
  readonly secretStays: string
  readonly cancel: string
  readonly facts: Readonly<Record<'version' | 'subscriptionId' | 'resourceGroup' | 'location' | 'address', string>>
  readonly checks: string
  readonly noChecks: string
  readonly doctorStates: Readonly<Record<'ok' | 'warning' | 'failed', string>>
  readonly what: string
  readonly found: string
  readonly remedy: string
  readonly auditText: string
  readonly verify: string
  readonly verifying: string
  readonly intact: string
  readonly broken: string
  readonly findings: Readonly<Record<'events' | 'first' | 'vouched' | 'checkpoints' | 'outside' | 'seq', string>>
  readonly subscription: string
  readonly plan: string
  readonly planOn: string
  readonly planOff: string
  readonly turnOff: string
  readonly turnOffText: string
  readonly noSubscriptions: string
  readonly noSessions: string
  readonly browser: string
  readonly thisBrowser: string
  readonly address: string
  readonly since: string
  readonly lastSeen: string
  readonly end: string
  readonly endSession: (browser: string) => string
  readonly everywhere: string
  readonly everywhereText: string
}

export const settingsMessages: Messages<Words> = {
  en: {
    title: 'Settings',
    subtitle: 'What this installation is connected to, and how it fares',
    tabs: {
      connections: 'Clouds',
      hosts: 'Hosts',
      installation: 'This installation',
      issuers: 'Issuers',
      audit: 'Audit trail',
      plans: 'Plans',
      sessions: 'My sessions',
    },
    name: 'Name',
    cloud: 'Cloud',
    clouds: { azure: 'Azure', aws: 'AWS' },
    reaches: 'Reaches',
    state: 'State',
    states: { unread: 'Not read yet', fresh: 'Up to date', stale: 'Cannot be read' },
    lastRead: 'Last read',
    machines: 'Machines',
    actions: 'Actions',
    actionsOf: (name) => `Actions for ${name}`,
    connect: 'Connect a cloud',
    noConnections: 'No cloud is connected that you may see',
    noConnectionsHint: 'Connect subscriptions of Azure or accounts of AWS to see and protect their machines.',
    check: 'Check permissions',
    checked: (name) => `What ${name} may do`,
    checkStates: { ok: 'Works', missing: 'Missing', unknown: 'Not known' },
    refresh: 'Read machines again',
    remove: 'Remove',
    removeConnection: (name) => `Remove ${name}`,
    removeConnectionText: 'Its machines are no longer seen. A connection whose machines are protected is not removed.',
    credential: 'How to sign in',
    azureCloud: 'Which Azure',
    azureClouds: {
      public: 'Azure',
      usgov: 'Azure Government',
      china: 'Azure China (21Vianet)',
      custom: 'Azure of your own',
    },
    azureCredentials: {
      managedIdentity: 'Managed identity of this server',
      clientSecret: 'Client secret',
      certificate: 'Certificate',
      workloadIdentity: 'Workload identity',
    },
    awsCredentials: {
      instanceRole: 'Role of this server',
      profile: 'Profile on this server',
      staticKeys: 'Access key (discouraged)',
    },
    fields: {
      name: 'Name',
      tenant: 'Tenant',
      subscriptions: 'Subscriptions',
      clientId: 'Client id',
      profile: 'Profile',
      accessKeyId: 'Access key id',
      roles: 'Roles to assume',
      regions: 'Regions',
      secret: 'Secret',
    },
    hints: {
      tenant: 'An id or a domain',
      subscriptions: 'Their ids, with spaces between',
      roles: 'ARNs with spaces between; empty for the account of the credential itself',
      regions: 'Such as eu-west-1, with spaces between',
      secret: 'Kept sealed; nobody can read it again',
    },
    taken: 'There is a connection with this name already',
    drift: 'What others change',
    drifts: { repair: 'Put it right', report: 'Only report it' },
    tryFirst: 'Try it first',
    trying: 'Asking the cloud…',
    tried: 'What was tried',
    connectWords: { now: 'Connect', anyway: 'Connect although something is missing' },
    saveWords: { now: 'Save', anyway: 'Save although something is missing' },
    edit: 'Edit',
    editOf: (name) => `Edit ${name}`,
    readAgain: 'Read again',
    secretStays: 'Leave empty to keep the one that is there; it must be given again when it goes to somebody else',
    cancel: 'Cancel',
    facts: {
      version: 'Version',
      subscriptionId: 'Subscription',
      resourceGroup: 'Resource group',
      location: 'Location',
      address: 'Your address, as it sees it',
    },
    checks: 'Checks',
    noChecks: 'There is nothing to check here',
    doctorStates: { ok: 'In order', warning: 'Look at it', failed: 'Failed' },
    what: 'What',
    found: 'Found',
    remedy: 'To mend it',
    auditText: 'Each event is chained to the one before, and the chain is signed. Verifying reads all of it.',
    verify: 'Verify now',
    verifying: 'Reading the whole trail…',
    intact: 'The trail is what was written',
    broken: 'The trail is not what was written',
    findings: {
      events: 'Events checked',
      first: 'First of them',
      vouched: 'Signed up to event',
      checkpoints: 'Checkpoints',
      outside: 'Checkpoints outside the database that agree',
      seq: 'Broken at event',
    },
    subscription: 'Subscription',
    plan: 'Plan for just-in-time access',
    planOn: 'On: ports can be protected and opened',
    planOff: 'Off: nothing is configured and nothing opened',
    turnOff: 'Turn the plan off',
    turnOffText: 'What is open closes on time. Until the plan is on again nobody can open or configure anything there.',
    noSubscriptions: 'There is no subscription that you may see',
    noSessions: 'You are signed in without a browser session',
    browser: 'Browser',
    thisBrowser: 'This one',
    address: 'Address',
    since: 'Signed in',
    lastSeen: 'Last used',
    end: 'Sign out',
    endSession: (browser) => `Sign out ${browser}`,
    everywhere: 'Sign out everywhere',
    everywhereText: 'Every browser that you are signed in with must sign in again, this one too.',
  },
  nl: {
    title: 'Instellingen',
    subtitle: 'Waarmee deze installatie is verbonden, en hoe het ermee gaat',
    tabs: {
      connections: 'Clouds',
      hosts: 'Hosts',
      installation: 'Deze installatie',
      issuers: 'Uitgevers',
      audit: 'Audittrail',
      plans: 'Plannen',
      sessions: 'Mijn sessies',
    },
    name: 'Naam',
    cloud: 'Cloud',
    clouds: { azure: 'Azure', aws: 'AWS' },
    reaches: 'Bereikt',
    state: 'Status',
    states: { unread: 'Nog niet gelezen', fresh: 'Actueel', stale: 'Niet te lezen' },
    lastRead: 'Laatst gelezen',
    machines: 'Machines',
    actions: 'Acties',
    actionsOf: (name) => `Acties voor ${name}`,
    connect: 'Cloud verbinden',
    noConnections: 'Er is geen cloud verbonden die u mag zien',
    noConnectionsHint: 'Verbind abonnementen van Azure of accounts van AWS om hun machines te zien en te beschermen.',
    check: 'Machtigingen controleren',
    checked: (name) => `Wat ${name} mag`,
    checkStates: { ok: 'Werkt', missing: 'Ontbreekt', unknown: 'Onbekend' },
    refresh: 'Machines opnieuw lezen',
    remove: 'Verwijderen',
    removeConnection: (name) => `Verwijderen: ${name}`,
    removeConnectionText:
      'De machines ervan zijn dan niet meer te zien. Een verbinding waarvan machines beschermd zijn, wordt niet verwijderd.',
    credential: 'Hoe aan te melden',
    azureCloud: 'Welke Azure',
    azureClouds: {
      public: 'Azure',
      usgov: 'Azure Government',
      china: 'Azure China (21Vianet)',
      custom: 'Een eigen Azure',
    },
    azureCredentials: {
      managedIdentity: 'Beheerde identiteit van deze server',
      clientSecret: 'Clientgeheim',
      certificate: 'Certificaat',
      workloadIdentity: 'Workload-identiteit',
    },
    awsCredentials: {
      instanceRole: 'Rol van deze server',
      profile: 'Profiel op deze server',
      staticKeys: 'Toegangssleutel (afgeraden)',
    },
    fields: {
      name: 'Naam',
      tenant: 'Tenant',
      subscriptions: 'Abonnementen',
      clientId: 'Client-id',
      profile: 'Profiel',
      accessKeyId: 'Id van de toegangssleutel',
      roles: 'Aan te nemen rollen',
      regions: "Regio's",
      secret: 'Geheim',
    },
    hints: {
      tenant: 'Een id of een domein',
      subscriptions: 'De id’s, met spaties ertussen',
      roles: 'ARN’s met spaties ertussen; leeg voor het account van de aanmelding zelf',
      regions: 'Zoals eu-west-1, met spaties ertussen',
      secret: 'Wordt verzegeld bewaard; niemand kan het teruglezen',
    },
    taken: 'Er is al een verbinding met deze naam',
    drift: 'Wat anderen wijzigen',
    drifts: { repair: 'Herstellen', report: 'Alleen melden' },
    tryFirst: 'Eerst proberen',
    trying: 'De cloud wordt gevraagd…',
    tried: 'Wat is geprobeerd',
    connectWords: { now: 'Verbinden', anyway: 'Verbinden, hoewel er iets ontbreekt' },
    saveWords: { now: 'Opslaan', anyway: 'Opslaan, hoewel er iets ontbreekt' },
    edit: 'Bewerken',
    editOf: (name) => `Bewerken: ${name}`,
    readAgain: 'Opnieuw lezen',
    secretStays:
      'Laat leeg om het huidige te houden; het moet opnieuw worden opgegeven als het naar iemand anders gaat',
    cancel: 'Annuleren',
    facts: {
      version: 'Versie',
      subscriptionId: 'Abonnement',
      resourceGroup: 'Resourcegroep',
      location: 'Locatie',
      address: 'Uw adres, zoals de server het ziet',
    },
    checks: 'Controles',
    noChecks: 'Er valt hier niets te controleren',
    doctorStates: { ok: 'In orde', warning: 'Aandacht nodig', failed: 'Mislukt' },
    what: 'Wat',
    found: 'Bevinding',
    remedy: 'Oplossing',
    auditText:
      'Elke gebeurtenis is geketend aan de vorige, en de keten is ondertekend. Bij het verifiëren wordt alles gelezen.',
    verify: 'Nu verifiëren',
    verifying: 'De hele audittrail wordt gelezen…',
    intact: 'De audittrail is wat er is geschreven',
    broken: 'De audittrail is niet wat er is geschreven',
    findings: {
      events: 'Gecontroleerde gebeurtenissen',
      first: 'De eerste daarvan',
      vouched: 'Ondertekend tot gebeurtenis',
      checkpoints: 'Controlepunten',
      outside: 'Overeenstemmende controlepunten buiten de database',
      seq: 'Verbroken bij gebeurtenis',
    },
    subscription: 'Abonnement',
    plan: 'Plan voor just-in-time-toegang',
    planOn: 'Aan: poorten kunnen worden beschermd en geopend',
    planOff: 'Uit: er wordt niets geconfigureerd en niets geopend',
    turnOff: 'Plan uitschakelen',
    turnOffText:
      'Wat open is, sluit op tijd. Totdat het plan weer aan is, kan niemand daar iets openen of configureren.',
    noSubscriptions: 'Er is geen abonnement dat u mag zien',
    noSessions: 'U bent aangemeld zonder browsersessie',
    browser: 'Browser',
    thisBrowser: 'Deze',
    address: 'Adres',
    since: 'Aangemeld',
    lastSeen: 'Laatst gebruikt',
    end: 'Afmelden',
    endSession: (browser) => `Afmelden: ${browser}`,
    everywhere: 'Overal afmelden',
    everywhereText: 'Elke browser waarmee u bent aangemeld, moet zich opnieuw aanmelden, ook deze.',
  },
  'zh-TW': {
    title: '設定',
    subtitle: '此安裝所連接的項目及其狀況',
    tabs: {
      connections: '雲端',
      hosts: '主機',
      installation: '此安裝',
      issuers: '簽發者',
      audit: '稽核記錄',
      plans: '方案',
      sessions: '我的工作階段',
    },
    name: '名稱',
    cloud: '雲端',
    clouds: { azure: 'Azure', aws: 'AWS' },
    reaches: '涵蓋範圍',
    state: '狀態',
    states: { unread: '尚未讀取', fresh: '最新', stale: '無法讀取' },
    lastRead: '上次讀取',
    machines: '機器',
    actions: '動作',
    actionsOf: (name) => `${name} 的動作`,
    connect: '連接雲端',
    noConnections: '沒有您可檢視的雲端連線',
    noConnectionsHint: '連接 Azure 訂用帳戶或 AWS 帳戶，即可檢視並保護其中的機器。',
    check: '檢查權限',
    checked: (name) => `${name} 的權限`,
    checkStates: { ok: '正常', missing: '缺少', unknown: '未知' },
    refresh: '重新讀取機器',
    remove: '移除',
    removeConnection: (name) => `移除 ${name}`,
    removeConnectionText: '之後將不再顯示其中的機器。若有機器仍受保護，則無法移除連線。',
    credential: '登入方式',
    azureCloud: 'Azure 雲端',
    azureClouds: { public: 'Azure', usgov: 'Azure Government', china: 'Azure 中國 (21Vianet)', custom: '自有的 Azure' },
    azureCredentials: {
      managedIdentity: '此伺服器的受控識別',
      clientSecret: '用戶端密碼',
      certificate: '憑證',
      workloadIdentity: '工作負載識別',
    },
    awsCredentials: {
      instanceRole: '此伺服器的角色',
      profile: '此伺服器上的設定檔',
      staticKeys: '存取金鑰 (不建議)',
    },
    fields: {
      name: '名稱',
      tenant: '租用戶',
      subscriptions: '訂用帳戶',
      clientId: '用戶端識別碼',
      profile: '設定檔',
      accessKeyId: '存取金鑰識別碼',
      roles: '要擔任的角色',
      regions: '區域',
      secret: '密碼',
    },
    hints: {
      tenant: '識別碼或網域',
      subscriptions: '識別碼，以空格分隔',
      roles: 'ARN，以空格分隔；留空則使用認證本身的帳戶',
      regions: '例如 eu-west-1，以空格分隔',
      secret: '以密封方式保存，任何人都無法再讀取',
    },
    taken: '已有同名的連線',
    drift: '他人所做的變更',
    drifts: { repair: '還原', report: '僅回報' },
    tryFirst: '先測試',
    trying: '正在詢問雲端…',
    tried: '測試結果',
    connectWords: { now: '連接', anyway: '仍要連接 (有缺少的項目)' },
    saveWords: { now: '儲存', anyway: '仍要儲存 (有缺少的項目)' },
    edit: '編輯',
    editOf: (name) => `編輯 ${name}`,
    readAgain: '重新讀取',
    secretStays: '留空則保留現有的密碼；若會送往其他對象，必須重新提供',
    cancel: '取消',
    facts: {
      version: '版本',
      subscriptionId: '訂用帳戶',
      resourceGroup: '資源群組',
      location: '位置',
      address: '伺服器所見的您的位址',
    },
    checks: '檢查項目',
    noChecks: '沒有需要檢查的項目',
    doctorStates: { ok: '正常', warning: '需注意', failed: '失敗' },
    what: '項目',
    found: '結果',
    remedy: '解決方法',
    auditText: '每個事件都與前一個事件相連，整條鏈結並經過簽署。驗證時會讀取全部內容。',
    verify: '立即驗證',
    verifying: '正在讀取整份記錄…',
    intact: '記錄與當初寫入的內容一致',
    broken: '記錄與當初寫入的內容不一致',
    findings: {
      events: '已檢查的事件',
      first: '第一個事件',
      vouched: '已簽署至事件',
      checkpoints: '檢查點',
      outside: '資料庫外相符的檢查點',
      seq: '中斷於事件',
    },
    subscription: '訂用帳戶',
    plan: 'Just-In-Time 存取所需的方案',
    planOn: '開啟：可保護並開放連接埠',
    planOff: '關閉：無法設定，也無法開放',
    turnOff: '關閉方案',
    turnOffText: '已開放的連接埠會準時關閉。在重新開啟方案之前，任何人都無法在該處開放或設定。',
    noSubscriptions: '沒有您可檢視的訂用帳戶',
    noSessions: '您未使用瀏覽器工作階段登入',
    browser: '瀏覽器',
    thisBrowser: '目前使用中',
    address: '位址',
    since: '登入時間',
    lastSeen: '上次使用',
    end: '登出',
    endSession: (browser) => `登出 ${browser}`,
    everywhere: '從所有裝置登出',
    everywhereText: '您登入的所有瀏覽器 (包含目前這個) 都必須重新登入。',
  },
}
