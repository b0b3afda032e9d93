/** Policies of advanced parameters, and when each is due: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html */

import { incompatiblePolicy, invalidPolicyAttribute, invalidPolicyType, tooManyPolicies, unsatisfied } from '../errors.ts';
import { policiesCharactersMax, policiesMax } from '../limits.ts';
import type { ParameterPolicy } from '../tables.ts';

type Given = { type: ParameterPolicy['type']; text: string; attributes: Readonly<Record<string, unknown>> };

const types: readonly string[] = ['Expiration', 'ExpirationNotification', 'NoChangeNotification'];
const unitMilliseconds: ReadonlyMap<unknown, number> = new Map([
  ['Days', 86_400_000],
  ['Hours', 3_600_000],
]);

/** The policies of a request's JSON, due as counted from now. Throws AWS's errors for each fault. */
export function readPolicies(text: string, now: number): ParameterPolicy[] {
  const given = parse(text);
  const expirations = given.filter(({ type }) => type === 'Expiration');
  if (expirations.length > 1) throw incompatiblePolicy('A parameter can have one Expiration policy.');
  const expiresAt = expirations[0] && timestampOf(expirations[0], now);
  return given.map(({ type, text, attributes }) => {
    if (type === 'Expiration') return { type, text, dueAt: expiresAt! };
    if (type === 'NoChangeNotification') return { type, text, dueAt: now + spanOf(attributes, 'After') };
    if (expiresAt === undefined) throw incompatiblePolicy('An ExpirationNotification policy needs an Expiration policy.');
    const dueAt = expiresAt - spanOf(attributes, 'Before');
    if (dueAt <= now) throw invalidPolicyAttribute('The ExpirationNotification would be due before now.');
    return { type, text, dueAt };
  });
}

/** What stays when a value changes: waiting for a change begins again. */
export function policiesAfterChange(policies: readonly ParameterPolicy[], now: number): ParameterPolicy[] {
  return policies.map((policy) => {
    if (policy.type !== 'NoChangeNotification') return policy;
    const [{ attributes }] = parse(`[${policy.text}]`) as [Given];
    return { type: policy.type, text: policy.text, dueAt: now + spanOf(attributes, 'After') };
  });
}

function parse(text: string): Given[] {
  if (text.length > policiesCharactersMax)
    throw unsatisfied(text, 'policies', `Member must have length less than or equal to ${policiesCharactersMax}.`);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(invalidPolicyAttribute('The policies are no JSON array.'), { cause });
  }
  if (!Array.isArray(list)) throw invalidPolicyAttribute('The policies are no JSON array.');
  // `[{}]` is how AWS's page takes all policies away.
  const given = (list as unknown[]).filter((one) => JSON.stringify(one) !== '{}');
  if (given.length > policiesMax) throw tooManyPolicies();
  return given.map((one) => {
    const { Type, Version, Attributes } = { ...(one as object) } as Record<string, unknown>;
    if (typeof Type !== 'string' || !types.includes(Type)) throw invalidPolicyType(String(Type));
    if (Version !== '1.0') throw invalidPolicyAttribute('The version of a policy is 1.0.');
    return { type: Type as Given['type'], text: JSON.stringify(one), attributes: { ...(Attributes as object) } };
  });
}

function timestampOf({ attributes: { Timestamp: at } }: Given, now: number): number {
  const moment = typeof at === 'string' && /^\d{4}-\d\d-\d\dT/.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(moment)) throw invalidPolicyAttribute('The Timestamp of an Expiration policy is a time as of ISO 8601.');
  if (moment <= now) throw invalidPolicyAttribute('The Timestamp of an Expiration policy must be in the future.');
  return moment;
}

function spanOf(attributes: Readonly<Record<string, unknown>>, name: 'Before' | 'After'): number {
  const unit = unitMilliseconds.get(attributes['Unit']);
  const count = Number(attributes[name]);
  if (unit === undefined || !Number.isInteger(count) || count < 1 || count > 10_000)
    throw invalidPolicyAttribute(`${name} is a number of the Unit Days or Hours.`);
  return count * unit;
}

export const shownPolicies = (policies: readonly ParameterPolicy[]) =>
  policies.map(({ type, text, finished }) => ({ PolicyText: text, PolicyType: type, PolicyStatus: finished ? 'Finished' : 'Pending' }));
