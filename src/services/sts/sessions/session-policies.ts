/** Session policies: what may be passed, and how much room they take with the session's tags. */

import { MalformedPolicy, parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import { malformedPolicy, packedPolicyTooLarge, validationError } from '../errors.ts';
import { asSts } from '../as-sts.ts';
import { limits } from '../limits.ts';

type Given = { Policy?: string | undefined; PolicyArns?: readonly { arn?: string | undefined }[] | undefined };

export type SessionPolicies = { policy?: string; policyArns?: string[] };

/** Checks the grammar of the inline policy, and that managed ones are there. Throws MalformedPolicyDocument and ValidationError. */
export async function sessionPolicies(request: ServiceRequest, account: string, given: Given): Promise<SessionPolicies> {
  const policyArns = (given.PolicyArns ?? []).map(({ arn }) => arn ?? '');
  if (policyArns.length > limits.sessionPolicyArnsMax)
    throw validationError(`The number of policy ARNs exceeds the limit of ${limits.sessionPolicyArnsMax}.`);
  if (given.Policy !== undefined) checkGrammar(given.Policy);
  const iam = asSts(request, account).iam;
  for (const arn of policyArns) {
    if (!/^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/.+$/.test(arn)) throw validationError(`Invalid ARN: ${arn}`);
    if (!arn.includes(':aws:policy/') && !arn.includes(`::${account}:`))
      throw validationError(`The policy ${arn} is not in the account ${account}.`);
    await iam('GetPolicy', { PolicyArn: arn }).catch((error: unknown) => {
      throw (error as { code?: string }).code === 'NoSuchEntity'
        ? validationError(`Policy ${arn} does not exist or is not attachable.`)
        : error;
    });
  }
  return { ...(given.Policy !== undefined && { policy: given.Policy }), ...(policyArns.length > 0 && { policyArns }) };
}

function checkGrammar(policy: string): void {
  try {
    parsePolicy(policy, 'session');
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformedPolicy(error.message);
    throw error;
  }
}

/** The share of the allotted room in percent, or undefined when nothing was passed. Throws PackedPolicyTooLarge. */
export function packedPolicySize({ policy = '', policyArns = [] }: SessionPolicies, tags: readonly Tag[]): number | undefined {
  if (!policy && policyArns.length === 0 && tags.length === 0) return undefined;
  const characters =
    policy.replace(/\s+/g, ' ').length + policyArns.join().length + tags.reduce((sum, tag) => sum + tag.Key.length + tag.Value.length, 0);
  const percent = Math.max(1, Math.ceil((100 * characters) / limits.packedCharactersMax));
  if (percent > 100) throw packedPolicyTooLarge(percent);
  return percent;
}
