import { counted, numberText, type Messages } from '../../language.tsx'
import type { WireRoleExplanation } from '../../../contract/authorization.ts'
import type { Deed } from './asked-actions.ts'

interface Words {
  readonly title: string
  readonly subtitle: string
  readonly tabs: Readonly<Record<'assignments' | 'check' | 'roles' | 'users' | 'groups' | 'programs', string>>
  readonly scope: string
  readonly scopeHint: string
  readonly checkScopeHint: string
  readonly everywhere: string
  readonly who: string
  readonly principalHint: string
  readonly kind: string
  readonly kinds: Readonly<Record<'User' | 'Group' | 'ServicePrincipal', string>>
  readonly role: string
  readonly type: string
  readonly types: Readonly<Record<'BuiltInRole' | 'CustomRole', string>>
  readonly description: string
  readonly actions: string
  readonly addAssignment: string
  readonly assign: string
  readonly chooseRole: string
  readonly noAssignments: string
  readonly removeAssignmentOf: (who: string, role: string) => string
  readonly removeAssignmentText: string
  readonly remove: string
  readonly edit: string
  readonly close: string
  readonly searchRoles: string
  readonly newRole: string
  readonly editRole: (role: string) => string
  readonly removeRole: (role: string) => string
  readonly removeRoleText: string
  readonly saveRole: string
  readonly roleName: string
  readonly noRoles: string
  readonly may: string
  readonly mayNot: string
  readonly assignableAt: string
  readonly actionsHint: string
  readonly scopesHint: string
  readonly wants: string
  readonly deeds: Readonly<Record<Deed, string>>
  readonly allowed: (who: string) => string
  readonly denied: (who: string) => string
  readonly rolesGive: (roles: string, scope: string) => string
  readonly noRoleGives: string
  readonly yes: string
  readonly no: string
  readonly nothingHeld: string
  readonly heldElsewhere: (count: number) => string
  readonly verdicts: Readonly<Record<WireRoleExplanation['assignments'][number]['verdict'], string>>
}

export const accessMessages: Messages<Words> = {
  en: {
    title: 'Access control',
    subtitle: 'Who may do what, where, and why',
    tabs: {
      assignments: 'Role assignments',
      check: 'Check access',
      roles: 'Roles',
      users: 'Users',
      groups: 'Groups',
      programs: 'Service principals',
    },
    scope: 'Scope',
    scopeHint: 'Shows what holds here, above it and below it',
    checkScopeHint: 'Type the name of a machine to check everything that a machine takes',
    everywhere: 'Everywhere (/)',
    who: 'Who',
    principalHint: 'A name, or the object id of somebody of another issuer',
    kind: 'Kind',
    kinds: { User: 'User', Group: 'Group', ServicePrincipal: 'Service principal' },
    role: 'Role',
    type: 'Type',
    types: { BuiltInRole: 'Built-in', CustomRole: 'Custom' },
    description: 'Description',
    actions: 'Actions',
    addAssignment: 'Add role assignment',
    assign: 'Assign',
    chooseRole: 'Choose a role',
    noAssignments: 'Nobody holds a role here that you may see',
    removeAssignmentOf: (who, role) => `Remove ${role} from ${who}`,
    removeAssignmentText: 'What is open stays open until its end; nothing new can be done with this role.',
    remove: 'Remove',
    edit: 'Edit',
    close: 'Close',
    searchRoles: 'Search roles or actions',
    newRole: 'Create a custom role',
    editRole: (role) => `Edit ${role}`,
    removeRole: (role) => `Remove ${role}`,
    removeRoleText: 'Only a role that nobody holds can be removed.',
    saveRole: 'Save',
    roleName: 'Name',
    noRoles: 'No role is like that',
    may: 'May',
    mayNot: 'Except',
    assignableAt: 'Can be assigned at',
    actionsHint: 'One on each line; a star stands for any run of characters',
    scopesHint: 'One on each line, and everything below each',
    wants: 'Wants to',
    deeds: {
      request: 'Request access',
      configure: 'Configure just-in-time access',
      view: 'See policies and requests',
      decide: 'Close or extend access of others',
      activity: 'Read the activity log',
      assign: 'Assign roles',
      users: 'Manage users',
      connect: 'Connect clouds',
    },
    allowed: (who) => `${who} may do this`,
    denied: (who) => `${who} may not do this`,
    rolesGive: (roles, scope) => `Any one of these roles at ${scope} would allow it: ${roles}.`,
    noRoleGives: 'No single role gives all that is missing; look at each right below.',
    yes: 'Allowed',
    no: 'Not allowed',
    nothingHeld: 'No role assignment at all',
    heldElsewhere: (count) =>
      `${counted('en', count, 'role assignment', 'role assignments')}, none of which grants this here`,
    verdicts: {
      allows: 'allows it',
      excluded: 'leaves it out explicitly',
      'lacks the action': 'does not have it',
      'is elsewhere': 'has it, but does not reach this scope',
    },
  },
  nl: {
    title: 'Toegangsbeheer',
    subtitle: 'Wie wat waar mag doen, en waarom',
    tabs: {
      assignments: 'Roltoewijzingen',
      check: 'Toegang controleren',
      roles: 'Rollen',
      users: 'Gebruikers',
      groups: 'Groepen',
      programs: 'Service-principals',
    },
    scope: 'Bereik',
    scopeHint: 'Toont wat hier geldt, erboven en eronder',
    checkScopeHint: 'Typ de naam van een machine om alles te controleren wat voor een machine nodig is',
    everywhere: 'Overal (/)',
    who: 'Wie',
    principalHint: 'Een naam, of de object-id van iemand van een andere uitgever',
    kind: 'Soort',
    kinds: { User: 'Gebruiker', Group: 'Groep', ServicePrincipal: 'Service-principal' },
    role: 'Rol',
    type: 'Type rol',
    types: { BuiltInRole: 'Ingebouwd', CustomRole: 'Aangepast' },
    description: 'Beschrijving',
    actions: 'Acties',
    addAssignment: 'Roltoewijzing toevoegen',
    assign: 'Toewijzen',
    chooseRole: 'Kies een rol',
    noAssignments: 'Niemand heeft hier een rol die u mag zien',
    removeAssignmentOf: (who, role) => `Verwijderen: ${role} van ${who}`,
    removeAssignmentText: 'Wat open is, blijft open tot het einde; met deze rol kan niets nieuws meer worden gedaan.',
    remove: 'Verwijderen',
    edit: 'Bewerken',
    close: 'Sluiten',
    searchRoles: 'Zoek rollen of acties',
    newRole: 'Aangepaste rol maken',
    editRole: (role) => `Bewerken: ${role}`,
    removeRole: (role) => `Verwijderen: ${role}`,
    removeRoleText: 'Alleen een rol die niemand heeft, kan worden verwijderd.',
    saveRole: 'Opslaan',
    roleName: 'Naam',
    noRoles: 'Er is geen rol die daarop lijkt',
    may: 'Mag',
    mayNot: 'Behalve',
    assignableAt: 'Toe te wijzen op',
    actionsHint: 'Eén per regel; een sterretje staat voor willekeurige tekens',
    scopesHint: 'Eén per regel, met alles daaronder',
    wants: 'Wil',
    deeds: {
      request: 'Toegang aanvragen',
      configure: 'Just-in-time-toegang configureren',
      view: 'Beleid en aanvragen bekijken',
      decide: 'Toegang van anderen sluiten of verlengen',
      activity: 'Het activiteitenlogboek lezen',
      assign: 'Rollen toewijzen',
      users: 'Gebruikers beheren',
      connect: 'Clouds verbinden',
    },
    allowed: (who) => `${who} mag dit doen`,
    denied: (who) => `${who} mag dit niet doen`,
    rolesGive: (roles, scope) => `Een van deze rollen op ${scope} zou het toestaan: ${roles}.`,
    noRoleGives: 'Geen enkele rol geeft alles wat ontbreekt; bekijk hieronder elk recht.',
    yes: 'Toegestaan',
    no: 'Niet toegestaan',
    nothingHeld: 'Geen enkele roltoewijzing',
    heldElsewhere: (count) =>
      counted(
        'nl',
        count,
        'roltoewijzing, die dit hier niet toestaat',
        'roltoewijzingen, waarvan geen dit hier toestaat',
      ),
    verdicts: {
      allows: 'staat het toe',
      excluded: 'sluit het uitdrukkelijk uit',
      'lacks the action': 'heeft het niet',
      'is elsewhere': 'heeft het, maar niet op dit bereik',
    },
  },
  'zh-TW': {
    title: '存取控制',
    subtitle: '誰可以在何處做什麼，以及原因',
    tabs: {
      assignments: '角色指派',
      check: '檢查存取權',
      roles: '角色',
      users: '使用者',
      groups: '群組',
      programs: '服務主體',
    },
    scope: '範圍',
    scopeHint: '顯示在此處、其上層與下層有效的項目',
    checkScopeHint: '輸入機器名稱，即可檢查該機器所需的所有權限',
    everywhere: '所有範圍 (/)',
    who: '對象',
    principalHint: '名稱，或其他簽發者之使用者的物件識別碼',
    kind: '種類',
    kinds: { User: '使用者', Group: '群組', ServicePrincipal: '服務主體' },
    role: '角色',
    type: '類型',
    types: { BuiltInRole: '內建', CustomRole: '自訂' },
    description: '描述',
    actions: '動作',
    addAssignment: '新增角色指派',
    assign: '指派',
    chooseRole: '選擇角色',
    noAssignments: '此處沒有您可檢視的角色指派',
    removeAssignmentOf: (who, role) => `移除 ${who} 的 ${role}`,
    removeAssignmentText: '已開放的連接埠會維持到時間結束；此後無法再以此角色執行新的作業。',
    remove: '移除',
    edit: '編輯',
    close: '關閉',
    searchRoles: '搜尋角色或動作',
    newRole: '建立自訂角色',
    editRole: (role) => `編輯 ${role}`,
    removeRole: (role) => `移除 ${role}`,
    removeRoleText: '只能移除沒有指派給任何人的角色。',
    saveRole: '儲存',
    roleName: '名稱',
    noRoles: '找不到符合的角色',
    may: '允許',
    mayNot: '除外',
    assignableAt: '可指派的範圍',
    actionsHint: '每行一個；星號代表任意字元',
    scopesHint: '每行一個，並包含其下所有層級',
    wants: '想要',
    deeds: {
      request: '要求存取',
      configure: '設定 Just-In-Time 存取',
      view: '檢視原則與要求',
      decide: '關閉或延長他人的存取',
      activity: '讀取活動記錄',
      assign: '指派角色',
      users: '管理使用者',
      connect: '連接雲端',
    },
    allowed: (who) => `${who} 可以執行此動作`,
    denied: (who) => `${who} 無法執行此動作`,
    rolesGive: (roles, scope) => `在 ${scope} 指派下列任一角色即可允許：${roles}。`,
    noRoleGives: '沒有單一角色能提供所有缺少的權限；請查看下方各項權限。',
    yes: '允許',
    no: '不允許',
    nothingHeld: '沒有任何角色指派',
    heldElsewhere: (count) => `有 ${numberText('zh-TW', count)} 個角色指派，但都未在此處授與這項權限`,
    verdicts: {
      allows: '允許',
      excluded: '明確排除',
      'lacks the action': '不具備',
      'is elsewhere': '具備，但不涵蓋此範圍',
    },
  },
}
