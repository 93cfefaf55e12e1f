/** Posture on the wire: our own shape, and Azure's assessments (behaviour reference §7, §8). */
import type { MachinePosture } from '../../app/machines/judge-machine.ts'
import type { WireAssessment, WireMachinePosture } from '../../contract/posture.ts'
import { partsOf, type ResourceId } from '../../domain/resource-id.ts'

export function postureFrom({ id, name, location, posture }: MachinePosture): WireMachinePosture {
  const { category, severity, health, why, reason, because, findings } = posture
  return {
    id,
    name,
    ...(location !== undefined && { location }),
    category,
    ...(severity !== undefined && { severity }),
    health,
    ...(why !== undefined && { why }),
    reason,
    because,
    findings: findings.map((finding) => ({ ...finding })),
  }
}

const VIRTUAL_MACHINES = {
  name: '805651bc-6ecd-4c73-9b55-97a19d0582d0',
  displayName: 'Management ports of virtual machines should be protected with just-in-time network access control',
}

const EC2_INSTANCES = {
  name: '9b26b102-ccde-4697-aa30-f0621f865f99',
  displayName: 'Management ports of EC2 instances should be protected with just-in-time network access control',
}

function recommendationFor(machine: ResourceId): typeof VIRTUAL_MACHINES {
  return /\/ec2instances$/i.test(partsOf(machine).type) ? EC2_INSTANCES : VIRTUAL_MACHINES
}

/** Whether the name is that of the one assessment which a machine has. */
export function isAssessmentOf(machine: ResourceId, name: string): boolean {
  return recommendationFor(machine).name === name.toLowerCase()
}

const CATEGORY = { configured: 'Configured', notConfigured: 'Not configured', unsupported: 'Unsupported' } as const

export function assessmentFrom({ id, posture }: MachinePosture): WireAssessment {
  const { name, displayName } = recommendationFor(id)
  const { category, severity, health, why, reason } = posture
  return {
    id: `${id}/providers/Microsoft.Security/assessments/${name}`,
    name,
    type: 'Microsoft.Security/assessments',
    properties: {
      resourceDetails: { source: 'Azure', id },
      displayName,
      status: { code: health, ...(why !== undefined && { cause: why }), description: reason },
      additionalData: { category: CATEGORY[category], ...(severity !== undefined && { severity }) },
    },
  }
}
