/** The fields that the forms of VPCs, subnets, route tables and routes share. */

import type { Vpc } from '@aws-sdk/client-ec2';
import type { Field } from '../resource/fields.ts';
import { titled } from './client.ts';
import type { messages } from './messages-network.ts';

type Texts = (typeof messages)['en'];

const blockPattern = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/;

/** What is wrong with an IPv4 block, or undefined. */
export const blockCheck =
  (t: Texts) =>
  (value: string): string | undefined =>
    blockPattern.test(value) ? undefined : t.cidrFault;

export function blockField(t: Texts, initial = ''): Field {
  return { name: 'cidr', kind: 'text', label: t.cidr, description: t.cidrHint, required: true, initial, check: blockCheck(t) };
}

/** `asked`: the VPC that the address names. */
export function vpcField(label: string, vpcs: readonly Vpc[], asked: string | null): Field {
  const options = vpcs.map((vpc) => ({ value: vpc.VpcId!, label: titled(vpc.VpcId!, vpc, vpc.CidrBlock) }));
  return { name: 'vpc', kind: 'select', label, required: true, options, ...(asked && { initial: asked }) };
}
