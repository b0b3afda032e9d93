/** Whom a policy of S3 names must exist: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */

import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Aws } from '../clients.ts';
import type { PolicyDocument } from '../policy/document.ts';
import type { ServicePrincipal } from '../principal.ts';
import type { ServiceRequest } from '../request.ts';
import { malformedPolicy } from './policy.ts';

const NAME = 's3.amazonaws.com';

/**
 * Throws MalformedPolicy for a user or role that is not there. Accounts of which this cloud knows nothing are taken at their word:
 * they may be anybody's.
 */
export async function requirePrincipals(request: ServiceRequest, owner: string, document: PolicyDocument): Promise<void> {
  for (const named of namedPrincipals(document)) {
    const { account, resource } = parseArn(named)!;
    const principal: ServicePrincipal = { type: 'Service', account, arn: '', id: NAME, name: NAME };
    const aws = request.awsAs(principal, { account, quiet: true });
    if ((await arnOf(aws, resource)) === named) continue;
    if (account === owner || (await isKnown(aws))) throw malformedPolicy('Invalid principal in policy');
  }
}

function namedPrincipals(document: PolicyDocument): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { principals, notPrincipals } of document.statements) {
    for (const pattern of [principals, notPrincipals]) {
      if (pattern === undefined || pattern === '*') continue;
      for (const arn of pattern.AWS ?? []) if (/^arn:aws:iam::\d{12}:(user|role)\//.test(arn)) named.add(arn);
    }
  }
  return named;
}

/** The ARN of the user or role of that name, with the path and the case that it has. */
async function arnOf(aws: Aws, resource: string): Promise<string | undefined> {
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) return undefined;
  try {
    if (resource.startsWith('user/')) return (await aws.iam('GetUser', { UserName: name })).User?.Arn;
    return (await aws.iam('GetRole', { RoleName: name })).Role?.Arn;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

/** Whether anybody lives in the account. */
async function isKnown(aws: Aws): Promise<boolean> {
  if ((await aws.iam('ListUsers', { MaxItems: 1 })).Users!.length > 0) return true;
  return (await aws.iam('ListRoles', { MaxItems: 1 })).Roles!.length > 0;
}
