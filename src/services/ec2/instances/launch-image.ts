/** The image of a launch by the parameter that names it: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterValue } from '../errors.ts';

const prefix = 'resolve:ssm:';

/** True where an image is named by a parameter. */
export const isImageAlias = (given: string | undefined): given is string => given?.startsWith(prefix) === true;

/** The input with the image's id in place of a parameter's name, asked for as the caller. Throws InvalidParameterValue where there is none. */
export async function withImageId<Given extends { ImageId?: string | undefined }>(request: ServiceRequest, input: Given): Promise<Given> {
  if (!isImageAlias(input.ImageId)) return input;
  const name = input.ImageId.slice(prefix.length);
  try {
    const { Parameters: [found] = [] } = await request.aws.ssm('GetParameters', { Names: [name] });
    if (found?.Value !== undefined) return { ...input, ImageId: found.Value };
  } catch (error) {
    if (!(error instanceof AwsError) || !/Validation/.test(error.code)) throw error;
  }
  throw invalidParameterValue(`Value (${input.ImageId}) for parameter imageId is invalid. The parameter ${name} could not be found`);
}
