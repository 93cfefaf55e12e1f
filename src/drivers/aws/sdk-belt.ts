/** EventBridge Scheduler through the official SDK. A schedule calls EC2 itself: no function of anybody runs in between. */
import type { SchedulerClient } from '@aws-sdk/client-scheduler'
import { BELT_GROUP, BELT_ROLE, partitionOfRegion } from '../../domain/clouds/aws-permissions.ts'
import type { Belt } from './belt.ts'
import type { Place } from './place.ts'

type Sdk = typeof import('@aws-sdk/client-scheduler')

export function sdkBelt(sdk: Sdk, client: SchedulerClient, place: Place): Belt {
  const group = { GroupName: BELT_GROUP }
  let hasGroup: Promise<void> | undefined
  return {
    list: async (prefix, signal) => {
      const names: string[] = []
      const pages = sdk.paginateListSchedules({ client }, { ...group, NamePrefix: prefix }, { abortSignal: signal })
      try {
        for await (const page of pages) names.push(...(page.Schedules ?? []).flatMap(({ Name }) => Name ?? []))
      } catch (cause) {
        if (!isNamed(cause, 'ResourceNotFoundException')) throw cause
      }
      return names
    },
    put: async ({ name, group: securityGroup, rule, at }, signal) => {
      const command = new sdk.CreateScheduleCommand({
        ...group,
        Name: name,
        // Whole seconds, and never before the end.
        ScheduleExpression: `at(${new Date(Math.ceil(at / 1_000) * 1_000).toISOString().slice(0, 19)})`,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: `arn:${partitionOfRegion(place.region)}:scheduler:::aws-sdk:ec2:revokeSecurityGroupIngress`,
          RoleArn: `arn:${partitionOfRegion(place.region)}:iam::${place.account}:role/${BELT_ROLE}`,
          Input: JSON.stringify({ GroupId: securityGroup, SecurityGroupRuleIds: [rule] }),
        },
      })
      hasGroup ??= makeGroup(sdk, client, signal)
      await hasGroup.catch((cause: unknown) => {
        hasGroup = undefined
        throw cause
      })
      await client.send(command, { abortSignal: signal }).catch((cause: unknown) => {
        if (!isNamed(cause, 'ConflictException')) throw cause
      })
    },
    remove: async (name, signal) => {
      try {
        await client.send(new sdk.DeleteScheduleCommand({ ...group, Name: name }), { abortSignal: signal })
      } catch (cause) {
        if (!isNamed(cause, 'ResourceNotFoundException')) throw cause
      }
    },
  }
}

async function makeGroup(sdk: Sdk, client: SchedulerClient, signal: AbortSignal): Promise<void> {
  try {
    await client.send(new sdk.CreateScheduleGroupCommand({ Name: BELT_GROUP }), { abortSignal: signal })
  } catch (cause) {
    if (!isNamed(cause, 'ConflictException')) throw cause
  }
}

function isNamed(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.name === name
}
