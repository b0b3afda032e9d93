/** The zones of the region that one works in, as EC2 names them. */

import { DescribeAvailabilityZonesCommand } from '@aws-sdk/client-ec2';
import { ec2 } from '../ec2/client.ts';

export async function zoneNames(): Promise<string[]> {
  const { AvailabilityZones = [] } = await ec2().send(new DescribeAvailabilityZonesCommand({}));
  return AvailabilityZones.map(({ ZoneName }) => ZoneName!);
}
