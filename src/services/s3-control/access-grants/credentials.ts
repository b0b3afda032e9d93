/** The credentials that S3 Access Grants gives: sessions of a location's role under a policy of their own: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-credentials.html */

import type { Credentials } from '@aws-sdk/client-sts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { instanceArn } from './arns.ts';
import type { Place } from './tables.ts';

/** Whom the role must trust. */
export const grantsService = 'access-grants.s3.amazonaws.com';

export type Session = { roleArn: string; seconds?: number; policy?: string };

/** Undefined where the role does not let this service in, or not for so long. */
export async function assumeLocationRole(
  request: ServiceRequest,
  place: Place,
  { roleArn, seconds, policy }: Session,
): Promise<Credentials | undefined> {
  const { account } = place;
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account, arn: '', id: grantsService, name: grantsService },
    ...{ sourceAccount: account, sourceArn: instanceArn(place) },
  };
  try {
    const { Credentials } = await request.awsAs(principal, { account }).sts('AssumeRole', {
      RoleArn: roleArn,
      RoleSessionName: `access-grants-${request.requestId}`.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
      ...(seconds !== undefined && { DurationSeconds: seconds }),
      ...(policy !== undefined && { Policy: policy }),
    });
    return Credentials as Credentials;
  } catch (error) {
    if (error instanceof AwsError && (error.status ?? 400) < 500) return undefined;
    throw error;
  }
}
