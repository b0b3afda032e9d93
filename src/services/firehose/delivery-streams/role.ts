/** The roles that Firehose takes on: those of its destinations and sources. */

import type { Check } from '../../../framework/authorization.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { AssumedRole, Principal, ServicePrincipal } from '../../../framework/principal.ts';
import { cannotAssume } from '../errors.ts';
import type { Stream } from '../tables.ts';

const NAME = 'firehose.amazonaws.com';
const sessionSeconds = 3_600;

type Place = { account: string; region: string };
type Means = { awsAs(principal: Principal, where: Place): Aws; clock: { now(): number } };

/** A role may be given to Firehose only by somebody who may pass it. */
export const passRole = (roleArn: string): Check => ({
  action: 'iam:PassRole',
  resource: roleArn,
  resourceAccount: parseArn(roleArn)?.account ?? '',
  context: { 'iam:PassedToService': NAME },
});

/**
 * The services of a region as a role sees them, for one piece of work: the role must trust Firehose, and be allowed what is done.
 * Throws InvalidArgumentException when the role does not trust it.
 */
export async function asRole(
  means: Means,
  { account, region, name }: Pick<Stream, 'account' | 'region' | 'name'>,
  roleArn: string,
): Promise<Aws> {
  const firehose: ServicePrincipal = { type: 'Service', account, arn: '', id: NAME, name: NAME, sourceAccount: account };
  const RoleSessionName = name.replaceAll(/[^\w+=,.@-]/g, '-').padEnd(2, '-');
  try {
    const { AssumedRoleUser } = await means.awsAs(firehose, { account, region }).sts('AssumeRole', { RoleArn: roleArn, RoleSessionName });
    const issuedAt = means.clock.now();
    const role: AssumedRole = {
      type: 'AssumedRole',
      account: parseArn(roleArn)!.account,
      arn: AssumedRoleUser!.Arn!,
      id: AssumedRoleUser!.AssumedRoleId!,
      roleArn,
      roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
      sessionName: RoleSessionName,
      session: { issuedAt, expiresAt: issuedAt + sessionSeconds * 1000 },
    };
    return means.awsAs(role, { account: role.account, region });
  } catch (error) {
    if (error instanceof AwsError && (error.status ?? 400) < 500) throw cannotAssume(roleArn);
    throw error;
  }
}
