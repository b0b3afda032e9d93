/** The policy of an endpoint, which narrows what goes through it. */

import { MalformedPolicy, parsePolicy } from '../../../framework/policy/parse.ts';
import { invalidParameterValue, refusal } from '../errors.ts';
import { openPolicy, policyCharactersMax } from './vpc-endpoint.ts';

/** What was given, or what lets everything through. Throws InvalidPolicyDocument. */
export function checkedPolicy(text: string | undefined): string {
  if (text === undefined) return openPolicy;
  if (text.length > policyCharactersMax) throw invalidParameterValue(`Policy document has more than ${policyCharactersMax} characters.`);
  try {
    parsePolicy(text, 'resource');
    return text;
  } catch (error) {
    if (!(error instanceof MalformedPolicy)) throw error;
    throw refusal('InvalidPolicyDocument')(`This policy contains invalid Json: ${error.message}`);
  }
}
