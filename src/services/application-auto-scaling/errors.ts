/** Every error that Application Auto Scaling throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';
import type { Scaled } from './scalable-targets/scaled.ts';

export const validationException = (message: string): AwsError => new AwsError('ValidationException', message);

const placeText = ({ namespace, resource, dimension }: Scaled): string =>
  `service namespace: ${namespace}, resource ID: ${resource}, scalable dimension: ${dimension}`;

export const noTarget = (scaled: Scaled): AwsError =>
  new AwsError('ObjectNotFoundException', `No scalable target registered for ${placeText(scaled)}`);

export const noPolicy = (scaled: Scaled, name: string): AwsError =>
  new AwsError('ObjectNotFoundException', `No scaling policy found for ${placeText(scaled)}, scaling policy name: ${name}`);

export const noResource = (arn: string): AwsError => new AwsError('ResourceNotFoundException', `The resource doesn't exist: ${arn}`);

export const tooManyTags = (max: number): AwsError => new AwsError('TooManyTagsException', `A scalable target has ${max} tags at most`);

export const invalidToken = (): AwsError => new AwsError('InvalidNextTokenException', 'The next token supplied was invalid');
