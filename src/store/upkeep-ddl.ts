/** Ends that move later, who manages a policy, and what drifted, as a migration makes it. Released; must never change. */
import type { Ddl } from './ddl.ts'

export function upkeepTables(ddl: Ddl): string[] {
  return [...movingEnds(ddl), ...owners(ddl), ...drift()]
}

/** Whatever a shell tries: an end never moves back, and what is over stays over. */
function movingEnds({ fixed, unfixed, movesOn }: Ddl): string[] {
  return [
    ...unfixed('grants'),
    ...fixed(
      'grants',
      [
        'id',
        'request_id',
        'place',
        'policy_uid',
        'machine',
        'machine_key',
        'port',
        'protocol',
        'sources',
        'sources_as',
        'requested_at',
        'from_at',
        'point_count',
      ],
      'what was granted never changes, only its state and its end; make another grant',
    ),
    ...movesOn('grants', ['until_at', 'end_time_utc'], {
      when: `new.until_at > old.until_at and old.state in ('opening', 'open')`,
      sentence: 'the end of a grant only moves later, and only while the grant is live; make another grant',
    }),
    ...unfixed('grant_points'),
    ...fixed('grant_points', ['grant_id', 'point_id'], "a grant's points never change"),
    ...movesOn('grant_points', ['until_at'], {
      when: 'new.until_at > old.until_at',
      sentence: 'the end of a grant never moves back',
    }),
  ]
}

/** `managed_by` and `drift` are JSON. */
function owners({ int }: Ddl): string[] {
  return [
    `alter table policies add column managed_by text`,
    `alter table policies add column changed_outside_at ${int}`,
  ]
}

function drift(): string[] {
  return [
    `alter table points add column drift text`,
    `create index points_troubled on points (id) where failures > 0 or drift is not null`,
  ]
}
