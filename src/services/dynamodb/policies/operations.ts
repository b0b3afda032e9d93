/** PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html */

import { AwsError } from '../../../framework/aws-error.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { resourceNotFound, tableNotFound, validationException } from '../errors.ts';
import { policyBytesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { placeOfArn } from '../streams/place.ts';
import { placeOf } from '../tables/lookup.ts';
import { resourcePolicies, streams, tables, type ResourcePolicy } from '../tables.ts';

/** `about` is the resource's ARN, or why the policy that is there is not the one that is meant. */
const noPolicy = (about: string): AwsError =>
  new AwsError('PolicyNotFoundException', `Resource-based policy not found for the provided ResourceArn: ${about}`);

const noneExpected = 'NO_POLICY';

/** Throws PolicyNotFoundException unless the policy is of the revision that is expected. */
function requireRevision(arn: string, present: ResourcePolicy | undefined, expected: string | undefined): void {
  if (expected === undefined || (present?.revision ?? noneExpected) === expected) return;
  if (!present) throw noPolicy(arn);
  const name = arn.split('/')[1]!;
  throw noPolicy(
    expected === noneExpected
      ? `Requested policy update expecting none to be present for table ${name}, but a policy exists with revision id ${present.revision}.`
      : `Requested update for policy with revision id ${expected}, but the policy associated to target table ${name} has revision id ${present.revision}.`,
  );
}

/** Throws ValidationException for a text that is no policy of DynamoDB. */
export function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > policyBytesMax) throw validationException('Policy exceeds the maximum allowed size of 20 KB');
  for (const { actions, notActions } of parsePolicy(text, 'resource', { code: 'ValidationException' }).statements)
    if ((actions ?? notActions ?? []).some((action) => action !== '*' && !action.toLowerCase().startsWith('dynamodb:')))
      throw validationException('Policy validation failed: Policy has invalid action');
}

export const PutResourcePolicy: Operation<'PutResourcePolicy'> = async (request, input) => {
  const { ResourceArn: arn, Policy: text, ExpectedRevisionId: expected } = input;
  checkPolicy(text!);
  const fresh = String(request.now) + request.random.text(4, '0123456789');
  const RevisionId = await request.store.write(async (tx) => {
    await requireResource(tx, request, arn!);
    const present = await resourcePolicies.get(tx, arn!);
    requireRevision(arn!, present, expected);
    // The same policy again is no new revision.
    if (present?.text === text) return present!.revision;
    await resourcePolicies.put(tx, { arn: arn!, revision: fresh, text: text! });
    return fresh;
  });
  return { RevisionId };
};

export const GetResourcePolicy: Operation<'GetResourcePolicy'> = async (request, input) => {
  const policy = await request.store.read(async (tx) => {
    await requireResource(tx, request, input.ResourceArn!);
    return resourcePolicies.get(tx, input.ResourceArn!);
  });
  if (!policy) throw noPolicy(input.ResourceArn!);
  return { Policy: policy.text, RevisionId: policy.revision };
};

/** Deleting what is not there is no error unless a revision was expected. */
export const DeleteResourcePolicy: Operation<'DeleteResourcePolicy'> = async (request, input) => {
  const { ResourceArn: arn, ExpectedRevisionId: expected } = input;
  const revision = await request.store.write(async (tx) => {
    await requireResource(tx, request, arn!);
    const present = await resourcePolicies.get(tx, arn!);
    requireRevision(arn!, present, expected);
    await resourcePolicies.delete(tx, arn!);
    return present?.revision;
  });
  return { ...(revision !== undefined && { RevisionId: revision }) };
};

/** Tables and streams have policies. */
async function requireResource(tx: ReadTransaction, request: ServiceRequest, arn: string): Promise<void> {
  const isStream = arn.includes('/stream/');
  const { account, region, name } = isStream ? { account: '', region: '', name: '' } : placeOf(request, arn);
  const found = isStream ? await streams.get(tx, ...placeOfArn(arn)) : await tables.get(tx, account, region, name);
  if (found) return;
  throw isStream ? resourceNotFound(`Requested resource not found: ResourceArn: ${arn} not found`) : tableNotFound(name);
}
