/** How much an account may retrieve in a region: https://docs.aws.amazon.com/amazonglacier/latest/dev/data-retrieval-policy.html */

import { invalidParameter, missingParameter } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { retrievalPolicies, type RetrievalPolicy } from '../tables.ts';
import { accountOf } from '../vaults/vault.ts';

const bytesPerHourMax = Number.MAX_SAFE_INTEGER;

export const GetDataRetrievalPolicy: Operation<'GetDataRetrievalPolicy'> = async (request, input) => {
  const account = accountOf(request, input.accountId);
  const policy = await request.store.read((tx) => retrievalPolicies.get(tx, account, request.region));
  const { strategy = 'None', bytesPerHour } = policy ?? {};
  return { Policy: { Rules: [{ Strategy: strategy, ...(bytesPerHour !== undefined && { BytesPerHour: bytesPerHour }) }] } };
};

/** Jobs that run already are left alone. */
export const SetDataRetrievalPolicy: Operation<'SetDataRetrievalPolicy'> = async (request, input) => {
  const account = accountOf(request, input.accountId);
  const rules = input.Policy?.Rules;
  if (!rules) throw missingParameter('Required parameter missing: Rules');
  const [rule, ...more] = rules;
  if (!rule || more.length > 0) throw invalidParameter('The policy must have exactly one rule.');
  const policy = { account, region: request.region, ...checked(rule.Strategy, rule.BytesPerHour) };
  await request.store.write((tx) => retrievalPolicies.put(tx, policy));
  return {};
};

function checked(strategy: string | undefined, bytesPerHour: number | undefined): Pick<RetrievalPolicy, 'strategy' | 'bytesPerHour'> {
  if (strategy === undefined) throw missingParameter('Required parameter missing: Strategy');
  if (strategy !== 'BytesPerHour' && strategy !== 'FreeTier' && strategy !== 'None')
    throw invalidParameter(`Invalid Strategy: ${strategy}`);
  if (strategy !== 'BytesPerHour') {
    if (bytesPerHour !== undefined) throw invalidParameter('BytesPerHour may be set only with the strategy BytesPerHour.');
    return { strategy };
  }
  if (bytesPerHour === undefined) throw missingParameter('Required parameter missing: BytesPerHour');
  if (!Number.isInteger(bytesPerHour) || bytesPerHour < 1 || bytesPerHour > bytesPerHourMax)
    throw invalidParameter(`Invalid BytesPerHour: ${bytesPerHour}`);
  return { strategy, bytesPerHour };
}
