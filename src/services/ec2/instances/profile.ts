/** The instance profile of a launch: found in IAM, and its role passed. */

import { AwsError } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { rootUser } from '../../../framework/principal.ts';
import { invalidParameterValue } from '../errors.ts';

type Given = { Arn?: string | undefined; Name?: string | undefined };

/** Throws InvalidParameterValue for one that is not there, and a denial unless the caller may pass its role. */
export async function findProfile(request: ServiceRequest, given: Given | undefined): Promise<{ arn: string; id: string } | undefined> {
  if (given?.Arn === undefined && given?.Name === undefined) return undefined;
  const found = await lookUpProfile(request, nameOf(request, given));
  if (!found || (given.Arn !== undefined && found.arn !== given.Arn))
    throw invalidParameterValue(
      given.Arn === undefined
        ? `Value (${given.Name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`
        : `Value (${given.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    );
  if (found.role !== undefined)
    await request.permit({ action: 'iam:PassRole', resource: found.role, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  return { arn: found.arn, id: found.id };
}

function nameOf(request: ServiceRequest, { Arn: given, Name: name }: Given): string {
  if (given === undefined) return name!;
  const parsed = parseArn(given);
  const [, path] = /^instance-profile\/(.+)$/.exec(parsed?.resource ?? '') ?? [];
  if (parsed?.account !== request.account || path === undefined)
    throw invalidParameterValue(`Value (${given}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`);
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What IAM knows of a profile, asked as the account itself. */
async function lookUpProfile(request: ServiceRequest, name: string): Promise<{ arn: string; id: string; role?: string } | undefined> {
  try {
    const { account, region } = request;
    const aws = request.awsAs(rootUser(account), { account, region, quiet: true });
    const { InstanceProfile: profile } = await aws.iam('GetInstanceProfile', { InstanceProfileName: name });
    const role = profile?.Roles?.[0]?.Arn;
    return { arn: profile!.Arn!, id: profile!.InstanceProfileId!, ...(role !== undefined && { role }) };
  } catch (error) {
    if (error instanceof AwsError && (error.code === 'NoSuchEntity' || error.code === 'NoSuchEntityException')) return undefined;
    throw error;
  }
}
