/** Permissions boundaries: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { noSuchEntity } from '../errors.ts';
import type { AwsPolicy } from './aws-managed.ts';
import { findPolicy } from './policy.ts';

type Boundary = { PermissionsBoundaryType: 'PermissionsBoundaryPolicy'; PermissionsBoundaryArn: string };

// AWS's model knows `PermissionsBoundaryPolicy` alone, its answers say `Policy`.
const boundaryType = 'Policy' as string as 'PermissionsBoundaryPolicy';

export function boundaryMember(arn: string | undefined): { PermissionsBoundary?: Boundary } {
  return arn === undefined ? {} : { PermissionsBoundary: { PermissionsBoundaryType: boundaryType, PermissionsBoundaryArn: arn } };
}

/** Throws NoSuchEntity unless the ARN is a managed policy that this account may use. */
export async function requireBoundary(
  tx: ReadTransaction,
  account: string,
  arn: string,
  aws: ReadonlyMap<string, AwsPolicy>,
): Promise<void> {
  if (aws.has(arn) || (await findPolicy(tx, account, arn))) return;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}
