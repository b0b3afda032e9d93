/** What users, groups and roles have in common: attached and inline policies, under three names in the API. */

import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetLoginProfileCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type Policy,
} from '@aws-sdk/client-iam';
import type { Action } from '../from-shell/action.ts';
import { labelOf } from '../from-shell/terraform.ts';
import { action, documentOf, iam, nameOfArn } from './client.ts';

export type Owner = { kind: 'user' | 'group' | 'role'; name: string };
export type Held = { kind: 'attached' | 'inline'; name: string; arn?: string };

export async function heldBy({ kind, name }: Owner): Promise<Held[]> {
  const client = iam();
  const [attached, inline] = await (kind === 'user'
    ? Promise.all([
        client.send(new ListAttachedUserPoliciesCommand({ UserName: name })),
        client.send(new ListUserPoliciesCommand({ UserName: name })),
      ])
    : kind === 'group'
      ? Promise.all([
          client.send(new ListAttachedGroupPoliciesCommand({ GroupName: name })),
          client.send(new ListGroupPoliciesCommand({ GroupName: name })),
        ])
      : Promise.all([
          client.send(new ListAttachedRolePoliciesCommand({ RoleName: name })),
          client.send(new ListRolePoliciesCommand({ RoleName: name })),
        ]));
  return [
    ...(attached.AttachedPolicies ?? []).map((policy): Held => ({ kind: 'attached', name: policy.PolicyName!, arn: policy.PolicyArn! })),
    ...(inline.PolicyNames ?? []).map((policy): Held => ({ kind: 'inline', name: policy })),
  ];
}

/** Whether a user has a password for the console. */
export async function hasLoginProfile(UserName: string): Promise<boolean> {
  try {
    await iam().send(new GetLoginProfileCommand({ UserName }));
    return true;
  } catch (error) {
    if ((error as Error).name === 'NoSuchEntityException') return false;
    throw error;
  }
}

export function attachAction({ kind, name }: Owner, PolicyArn: string): Action {
  const owner = { raw: `aws_iam_${kind}.${labelOf(name)}.name` };
  const terraform = [
    { type: `aws_iam_${kind}_policy_attachment`, name: `${name}_${nameOfArn(PolicyArn)}`, body: { [kind]: owner, policy_arn: PolicyArn } },
  ];
  if (kind === 'user')
    return {
      service: 'iam',
      operation: 'AttachUserPolicy',
      command: new AttachUserPolicyCommand({ UserName: name, PolicyArn }),
      terraform,
    };
  if (kind === 'group')
    return {
      service: 'iam',
      operation: 'AttachGroupPolicy',
      command: new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }),
      terraform,
    };
  return { service: 'iam', operation: 'AttachRolePolicy', command: new AttachRolePolicyCommand({ RoleName: name, PolicyArn }), terraform };
}

export function putInlineAction({ kind, name }: Owner, PolicyName: string, document: unknown): Action {
  const PolicyDocument = JSON.stringify(document);
  const terraform = [
    {
      type: `aws_iam_${kind}_policy`,
      name: `${name}_${PolicyName}`,
      body: { name: PolicyName, [kind]: { raw: `aws_iam_${kind}.${labelOf(name)}.name` }, policy: { json: document } },
    },
  ];
  const input = { PolicyName, PolicyDocument };
  if (kind === 'user')
    return { service: 'iam', operation: 'PutUserPolicy', command: new PutUserPolicyCommand({ UserName: name, ...input }), terraform };
  if (kind === 'group')
    return { service: 'iam', operation: 'PutGroupPolicy', command: new PutGroupPolicyCommand({ GroupName: name, ...input }), terraform };
  return { service: 'iam', operation: 'PutRolePolicy', command: new PutRolePolicyCommand({ RoleName: name, ...input }), terraform };
}

export function detachAction({ kind, name }: Owner, { kind: how, arn: PolicyArn, name: PolicyName }: Held): Action {
  if (how === 'attached') {
    if (kind === 'user') return action('DetachUserPolicy', new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
    if (kind === 'group') return action('DetachGroupPolicy', new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
    return action('DetachRolePolicy', new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
  }
  if (kind === 'user') return action('DeleteUserPolicy', new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
  if (kind === 'group') return action('DeleteGroupPolicy', new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
  return action('DeleteRolePolicy', new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
}

export async function inlineDocument({ kind, name }: Owner, PolicyName: string): Promise<unknown> {
  const client = iam();
  const { PolicyDocument } = await (kind === 'user'
    ? client.send(new GetUserPolicyCommand({ UserName: name, PolicyName }))
    : kind === 'group'
      ? client.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName }))
      : client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName })));
  return documentOf(PolicyDocument);
}

/** Every policy that may be attached, those of the account first. */
export async function allPolicies(): Promise<Policy[]> {
  const found: Policy[] = [];
  for (const Scope of ['Local', 'AWS'] as const) {
    let Marker: string | undefined;
    do {
      const page = await iam().send(new ListPoliciesCommand({ Scope, MaxItems: 1_000, ...(Marker && { Marker }) }));
      found.push(...(page.Policies ?? []));
      Marker = page.IsTruncated ? page.Marker : undefined;
    } while (Marker);
  }
  return found;
}
