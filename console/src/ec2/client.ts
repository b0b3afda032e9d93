/** The client of EC2, and what its pages read from resources of every kind. */

import { EC2Client, type ResourceType, type Tag, type TagSpecification } from '@aws-sdk/client-ec2';
import { visible } from '../language/visible.ts';
import { clientOf } from '../session/clients.ts';

export const ec2 = clientOf(EC2Client);

/** The tag that AWS's console shows as a name, with nothing hidden in it. */
export function nameOf({ Tags }: { Tags?: Tag[] | undefined }): string {
  return visible(Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '');
}

/** The id, and the name where there is one, for a choice in a form. */
export function titled(id: string, resource: { Tags?: Tag[] | undefined }, more = ''): string {
  return [id, nameOf(resource), more].filter(Boolean).join(' · ');
}

/** What the call that makes something says of its name, if it is to have one. */
export function tagged(ResourceType: ResourceType, name: string | undefined): { TagSpecifications?: TagSpecification[] } {
  return name === undefined ? {} : { TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value: name }] }] };
}

/** The same as Terraform has it. */
export function terraformTags(name: string | undefined): { Name: string } | undefined {
  return name === undefined ? undefined : { Name: name };
}
