/** A role as STS needs it, read from IAM. */

import { parseArn } from '../../../framework/arn.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { tagsOf, type Tag } from '../../../framework/tags.ts';
import { asSts } from '../as-sts.ts';
import { validationError } from '../errors.ts';

export type Role = {
  account: string;
  arn: string;
  name: string;
  id: string;
  trustPolicy: PolicyDocument;
  sessionSecondsMax: number;
  tags: Tag[];
};

/** A request asks twice: when it is authorised and when it runs. */
const read = new WeakMap<ServiceRequest, Promise<Role | undefined>>();

/** The role of an ARN; undefined when there is none. Throws ValidationError for a text that is no role's ARN. */
export function roleOf(request: ServiceRequest, arn: string): Promise<Role | undefined> {
  let role = read.get(request);
  if (!role) read.set(request, (role = readRole(request, arn)));
  return role;
}

async function readRole(request: ServiceRequest, arn: string): Promise<Role | undefined> {
  const parsed = parseArn(arn);
  if (!parsed || parsed.service !== 'iam' || !/^\d{12}$/.test(parsed.account)) throw validationError(`${arn} is invalid`);
  if (!parsed.resource.startsWith('role/')) return undefined;
  const name = parsed.resource.slice(parsed.resource.lastIndexOf('/') + 1);
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) return undefined;
  try {
    const { Role: role } = await asSts(request, parsed.account).iam('GetRole', { RoleName: name });
    // IAM finds names in any case, an ARN must be exact.
    if (!role || role.Arn !== arn) return undefined;
    return {
      account: parsed.account,
      arn,
      name: role.RoleName!,
      id: role.RoleId!,
      trustPolicy: trustPolicyOf(decodeURIComponent(role.AssumeRolePolicyDocument!)),
      sessionSecondsMax: role.MaxSessionDuration ?? 3_600,
      tags: tagsOf(role.Tags),
    };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

const PARSED_MAX = 1_000;
const parsed = new Map<string, PolicyDocument>();

/** The same text gives the same document, so that its matchers are compiled once. */
function trustPolicyOf(text: string): PolicyDocument {
  let document = parsed.get(text);
  if (!document) {
    document = parsePolicy(text, 'trust');
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(text, document);
  }
  return document;
}
