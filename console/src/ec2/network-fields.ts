/** The fields that the forms of VPCs, subnets, route tables and routes share. */

import type { Vpc } from '@aws-sdk/client-ec2';
import type { Field } from '../resource/fields.ts';
import { titled } from './client.ts';
import type { messages } from './messages-network.ts';

type Texts = (typeof messages)['en'];

const blockPattern = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;
const block6Pattern = /^(?=[^/]*::|(?:[^:/]*:){7})[\da-f:]+\/\d{1,3}$/i;

/** What is wrong with an IPv4 block, or undefined. */
export const blockCheck =
  (t: Texts) =>
  (value: string): string | undefined =>
    blockPattern.test(value) ? undefined : t.cidrFault;

export const isBlock6 = (block: string): boolean => block6Pattern.test(block);

/** What is wrong with a block of either kind, or undefined. */
export const anyBlockCheck =
  (t: Texts) =>
  (value: string): string | undefined =>
    blockPattern.test(value) || isBlock6(value) ? undefined : t.anyBlockFault;

/** The member of a call that a block goes into, by its kind. */
export const blockMember = <Before extends '' | 'Destination'>(before: Before, block: string | undefined) =>
  (isBlock6(block ?? '') ? { [`${before}Ipv6CidrBlock`]: block } : { [`${before}CidrBlock`]: block }) as {
    [Name in `${Before}CidrBlock` | `${Before}Ipv6CidrBlock`]?: string;
  };

export function blockField(t: Texts, initial = ''): Field {
  return { name: 'cidr', kind: 'text', label: t.cidr, description: t.cidrHint, required: true, initial, check: blockCheck(t) };
}

const groupsOfVpcRange = 4;
const subnetsPerRange = 256;

/** The first /64 of a VPC's /56 that none of the subnets has; undefined where all are taken. */
export function freeBlock6(range: string, taken: readonly string[]): string | undefined {
  const [groups = ''] = range.split('::');
  const numbers = groups.split(':').map((group) => Number.parseInt(group, 16) || 0);
  const network = Array.from({ length: groupsOfVpcRange }, (_, at) => numbers[at] ?? 0);
  const blocks = Array.from({ length: subnetsPerRange }, (_, at) => [...network.slice(0, -1), network.at(-1)! + at]);
  return blocks.map((parts) => `${parts.map((part) => part.toString(16)).join(':')}::/64`).find((block) => !taken.includes(block));
}

/** `asked`: the VPC that the address names. */
export function vpcField(label: string, vpcs: readonly Vpc[], asked: string | null): Field {
  const options = vpcs.map((vpc) => ({ value: vpc.VpcId!, label: titled(vpc.VpcId!, vpc, vpc.CidrBlock) }));
  return { name: 'vpc', kind: 'select', label, required: true, options, ...(asked && { initial: asked }) };
}
