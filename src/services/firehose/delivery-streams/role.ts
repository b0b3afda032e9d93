/** The roles that Firehose takes on: those of its destinations and sources. */

import type { Check } from '../../../framework/authorization.ts';
import type { Aws } from '../../../framework/clients.ts';
import { asServiceRole, passRole as pass } from '../../../framework/service-role.ts';
import { cannotAssume } from '../errors.ts';
import type { Stream } from '../tables.ts';

const service = 'firehose.amazonaws.com';

export const passRole = (roleArn: string): Check => pass(roleArn, service);

/** The services of the stream's region as a role sees them. Throws InvalidArgumentException when the role does not trust Firehose. */
export async function asRole(
  means: Parameters<typeof asServiceRole>[0],
  { account, region, name }: Pick<Stream, 'account' | 'region' | 'name'>,
  roleArn: string,
): Promise<Aws> {
  const aws = await asServiceRole(means, { roleArn, service, account, region, session: name });
  if (!aws) throw cannotAssume(roleArn);
  return aws;
}
