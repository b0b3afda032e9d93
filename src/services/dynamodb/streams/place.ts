/** Where the stream of an ARN lies. */

import { parseArn } from '../../../framework/arn.ts';
import { validationException } from '../errors.ts';

/** Account, region, table and label of a stream's ARN. Throws ValidationException. */
export function placeOfArn(arn: string): [account: string, region: string, name: string, label: string] {
  const parsed = parseArn(arn);
  const [, name, label] = /^table\/([^/]+)\/stream\/(.+)$/.exec(parsed?.service === 'dynamodb' ? parsed.resource : '') ?? [];
  if (name === undefined) throw validationException(`Invalid StreamArn: ${arn}`);
  return [parsed!.account, parsed!.region, name, label!];
}
