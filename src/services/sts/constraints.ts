/** Lengths, ranges and patterns of STS's members, which AWS checks before anything else. */

import { validationError } from './errors.ts';

type Rule = { min?: number; max?: number; pattern?: string; number?: true; secret?: true };

/** From botocore's model of STS; the patterns are Java's, which mean the same here. */
const rules: Readonly<Record<string, Rule>> = {
  RoleArn: { min: 20, max: 2048 },
  PrincipalArn: { min: 20, max: 2048 },
  RoleSessionName: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  Name: { min: 2, max: 32, pattern: '[\\w+=,.@-]*' },
  SourceIdentity: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  ExternalId: { min: 2, max: 1224, pattern: '[\\w+=,.@:\\/-]*' },
  SerialNumber: { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' },
  TokenCode: { min: 6, max: 6, pattern: '[\\d]*' },
  Policy: { min: 1, max: 2048, pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' },
  WebIdentityToken: { min: 4, max: 20000, secret: true },
  ProviderId: { min: 4, max: 2048 },
  SAMLAssertion: { min: 4, max: 100000, secret: true },
  AccessKeyId: { min: 16, max: 128, pattern: '[\\w]*' },
  EncodedMessage: { min: 1, max: 10240 },
};

const durations: Readonly<Record<string, { min: number; max: number }>> = {
  AssumeRole: { min: 900, max: 43_200 },
  AssumeRoleWithWebIdentity: { min: 900, max: 43_200 },
  GetSessionToken: { min: 900, max: 129_600 },
  GetFederationToken: { min: 900, max: 129_600 },
};

const compiled = new Map<string, RegExp>();

/** Throws a ValidationError that lists every violated constraint, as AWS does. */
export function checkConstraints(operation: string, input: object): void {
  const faults: string[] = [];
  for (const [name, value] of Object.entries(input)) {
    const rule = rules[name];
    if (rule && typeof value === 'string') faults.push(...faultsOf(memberName(name), value, rule));
    if (name === 'DurationSeconds' && typeof value === 'number') faults.push(...durationFaults(value, durations[operation]!));
  }
  if (faults.length === 0) return;
  throw validationError(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`);
}

function faultsOf(member: string, value: string, rule: Rule): string[] {
  const shown = rule.secret ? '***' : value;
  const start = `Value '${shown}' at '${member}' failed to satisfy constraint: Member must`;
  const faults: string[] = [];
  if (rule.pattern !== undefined && !regexOf(rule.pattern).test(value))
    faults.push(`${start} satisfy regular expression pattern: ${rule.pattern}`);
  if (rule.min !== undefined && value.length < rule.min) faults.push(`${start} have length greater than or equal to ${rule.min}`);
  if (rule.max !== undefined && value.length > rule.max) faults.push(`${start} have length less than or equal to ${rule.max}`);
  return faults;
}

function durationFaults(value: number, { min, max }: { min: number; max: number }): string[] {
  const start = `Value '${value}' at 'durationSeconds' failed to satisfy constraint: Member must have value`;
  if (value < min) return [`${start} greater than or equal to ${min}`];
  return value > max ? [`${start} less than or equal to ${max}`] : [];
}

/** AWS names members in these sentences as Java does: `roleSessionName`, `sAMLAssertion`. */
function memberName(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}

function regexOf(pattern: string): RegExp {
  let regex = compiled.get(pattern);
  if (!regex) compiled.set(pattern, (regex = new RegExp(`^(?:${pattern})$`)));
  return regex;
}
