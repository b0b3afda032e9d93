/** The credentials of an instance's role: made when they are asked for, the same until five minutes before their end. */

import { AwsError } from '../../../framework/aws-error.ts';
import { rootUser, type ServicePrincipal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Instance } from '../instances/instance.ts';

type Means = Pick<ReconcilerContext, 'awsAs' | 'clock'>;
type Minted = { text: string; expires: number };

const NAME = 'ec2.amazonaws.com';
const refreshMilliseconds = 300_000;
/** By instance and role. Others are made after a restart. */
const minted = new Map<string, Minted>();

const isoSeconds = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

/** The role in an instance's profile as IAM has it now, or undefined. */
export async function roleOfProfile(
  { awsAs }: Means,
  { account, region, profile }: Instance,
): Promise<{ name: string; arn: string } | undefined> {
  if (!profile) return undefined;
  try {
    const name = profile.arn.slice(profile.arn.lastIndexOf('/') + 1);
    const { InstanceProfile } = await awsAs(rootUser(account), { account, region }).iam('GetInstanceProfile', {
      InstanceProfileName: name,
    });
    const role = InstanceProfile?.Roles?.[0];
    return role && { name: role.RoleName!, arn: role.Arn! };
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('NoSuchEntity')) return undefined;
    throw error;
  }
}

/** As `iam/security-credentials/ROLE` gives them. A role that does not trust EC2 gives the reason. */
export async function roleCredentials(means: Means, row: Instance, role: { name: string; arn: string }): Promise<string> {
  const key = `${row.id} ${role.arn}`;
  const now = means.clock.now();
  const known = minted.get(key);
  if (known && known.expires - refreshMilliseconds > now) return known.text;
  const { account, region } = row;
  const ec2: ServicePrincipal = { type: 'Service', account, arn: '', id: NAME, name: NAME, sourceAccount: account };
  try {
    const { Credentials: found } = await means
      .awsAs(ec2, { account, region })
      .sts('AssumeRole', { RoleArn: role.arn, RoleSessionName: row.id });
    const expires = found!.Expiration!.getTime();
    const document = {
      ...{ Code: 'Success', LastUpdated: isoSeconds(now), Type: 'AWS-HMAC', AccessKeyId: found!.AccessKeyId },
      ...{ SecretAccessKey: found!.SecretAccessKey, Token: found!.SessionToken, Expiration: isoSeconds(expires) },
    };
    const text = JSON.stringify(document, null, 2);
    minted.set(key, { text, expires });
    return text;
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    const Message = `EC2 cannot assume the role ${role.name}.`;
    return JSON.stringify({ Code: 'AssumeRoleUnauthorizedAccess', Message, LastUpdated: isoSeconds(now) }, null, 2);
  }
}

/** Credentials of instances that are no more. */
export function forgetCredentials(instance: string): void {
  for (const key of minted.keys()) if (key.startsWith(`${instance} `)) minted.delete(key);
}
