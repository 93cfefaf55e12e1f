/** Where in AWS: `aws:<account>/<region>/<vpc>` names an enforcement point. */
import type { PointId } from '../../app/ports/inventory.ts'

export interface Place {
  readonly account: string
  readonly region: string
}

export interface VpcPlace extends Place {
  readonly vpc: string
}

export function pointOf({ account, region, vpc }: VpcPlace): PointId {
  return `aws:${account}/${region}/${vpc}` as PointId // the one place that makes ids of these points
}

export function placeOfPoint(point: PointId): VpcPlace {
  const [account = '', region = '', vpc = ''] = point.slice('aws:'.length).split('/')
  return { account, region, vpc }
}
