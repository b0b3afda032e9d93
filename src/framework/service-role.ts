/** Roles that customers give to services: a service takes one on, and does with it what the role may. */

import { parseArn } from './arn.ts';
import { AwsError } from './aws-error.ts';
import type { Check } from './authorization.ts';
import type { Aws } from './clients.ts';
import type { AssumedRole, Principal, ServicePrincipal } from './principal.ts';

type Means = { awsAs(principal: Principal, where: { account: string; region: string }): Aws; clock: { now(): number } };

export type ServiceRole = {
  roleArn: string;
  /** For example `firehose.amazonaws.com`, which the role must trust. */
  service: string;
  /** For whom the service acts, and where. */
  account: string;
  region: string;
  /** Names the session; what cannot stand in such a name is replaced. */
  session: string;
};

const sessionSeconds = 3_600;

/** Only who may pass a role may give it to a service. */
export const passRole = (roleArn: string, service: string): Check => ({
  action: 'iam:PassRole',
  resource: roleArn,
  resourceAccount: parseArn(roleArn)?.account ?? '',
  context: { 'iam:PassedToService': service },
});

/** The services of a region as the role sees them, for one piece of work. Undefined when the role does not trust the service. */
export async function asServiceRole(means: Means, asked: ServiceRole): Promise<Aws | undefined> {
  const role = await assumeServiceRole(means, asked);
  return role && means.awsAs(role, { account: role.account, region: asked.region });
}

/** A session of the role. Undefined when the role does not trust the service, or is not there. */
export async function assumeServiceRole(
  means: Means,
  { roleArn, service, account, region, session }: ServiceRole,
): Promise<AssumedRole | undefined> {
  const principal: ServicePrincipal = { type: 'Service', account, arn: '', id: service, name: service, sourceAccount: account };
  const RoleSessionName = session
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
  try {
    const { AssumedRoleUser } = await means.awsAs(principal, { account, region }).sts('AssumeRole', { RoleArn: roleArn, RoleSessionName });
    const issuedAt = means.clock.now();
    return {
      type: 'AssumedRole',
      account: parseArn(roleArn)!.account,
      arn: AssumedRoleUser!.Arn!,
      id: AssumedRoleUser!.AssumedRoleId!,
      roleArn,
      roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
      sessionName: RoleSessionName,
      session: { issuedAt, expiresAt: issuedAt + sessionSeconds * 1000 },
    };
  } catch (error) {
    if (error instanceof AwsError && (error.status ?? 400) < 500) return undefined;
    throw error;
  }
}
