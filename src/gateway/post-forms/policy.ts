/** The policy of a form: what may stand in its fields: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */

import { againstPolicy, invalidPolicy } from './errors.ts';

export type PostPolicy = {
  /** Milliseconds since the epoch. */
  expiration: number;
  conditions: readonly FieldCondition[];
  length?: { min: number; max: number };
};

type FieldCondition = {
  /** `none` never holds: so AWS takes a field without `$`, and lengths that are no numbers. */
  operator: 'eq' | 'starts-with' | 'none';
  /** In lower case. */ field: string;
  value: string;
  /** As written. */ text: string;
};

/** Fields that need no condition. */
const free: ReadonlySet<string> = new Set(['awsaccesskeyid', 'signature', 'x-amz-signature', 'policy', 'file']);
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** Parses the base64 text of a form's policy. Throws InvalidPolicyDocument. */
export function parsePostPolicy(encoded: string): PostPolicy {
  const document = documentOf(encoded);
  const { expiration, conditions } = document;
  if (typeof expiration !== 'string') throw invalidPolicy('Policy missing expiration.');
  const expires = isoTime.test(expiration) ? Date.parse(expiration) : NaN;
  if (Number.isNaN(expires)) throw invalidPolicy(`Invalid 'expiration' value: '${expiration}'`);
  if (!Array.isArray(conditions)) throw invalidPolicy('Policy missing conditions.');
  const policy: PostPolicy & { conditions: FieldCondition[] } = { expiration: expires, conditions: [] };
  for (const condition of conditions) {
    const range = lengthRange(condition);
    if (range === 'none') policy.conditions.push({ operator: 'none', field: '', value: '', text: spaced(condition as unknown[]) });
    else if (range) policy.length = range;
    else policy.conditions.push(fieldCondition(condition));
  }
  return policy;
}

function documentOf(encoded: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(encoded, 'base64').toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidPolicy('Invalid JSON.');
    throw error;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalidPolicy('Invalid JSON.');
  return document as Record<string, unknown>;
}

/** As AWS writes a condition down. */
function spaced(members: readonly unknown[]): string {
  return `[${members.map((member) => JSON.stringify(member)).join(', ')}]`;
}

function lengthRange(condition: unknown): { min: number; max: number } | 'none' | undefined {
  if (!Array.isArray(condition) || String(condition[0]).toLowerCase() !== 'content-length-range') return undefined;
  const [, min, max] = condition as unknown[];
  const isNoLength = (value: unknown): boolean => typeof value === 'number' && !isLength(value);
  if (condition.length !== 3 || isNoLength(min) || isNoLength(max)) throw invalidPolicy('Invalid content-length-range.');
  if (!isLength(min) || !isLength(max)) return 'none';
  return { min: Number(min), max: Number(max) };
}

function isLength(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && /^\d{1,15}$/.test(String(value));
}

function fieldCondition(condition: unknown): FieldCondition {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition as unknown[];
    const named = typeof operator === 'string' ? operator.toLowerCase() : '';
    if (named !== 'eq' && named !== 'starts-with') throw invalidPolicy(`Unknown condition operation: ${JSON.stringify(operator)}`);
    if (condition.length !== 3 || typeof field !== 'string' || typeof value !== 'string')
      throw invalidPolicy(`Invalid condition: ${JSON.stringify(condition)}`);
    const text = spaced([named, field, value]);
    if (!field.startsWith('$')) return { operator: 'none', field: field.toLowerCase(), value, text };
    return { operator: named, field: field.slice(1).toLowerCase(), value, text };
  }
  const members = typeof condition === 'object' && condition !== null ? Object.entries(condition) : [];
  const [only, ...more] = members;
  if (!only || more.length > 0)
    throw invalidPolicy('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.');
  const [field, value] = only as [string, unknown];
  if (typeof value !== 'string') throw invalidPolicy(`Invalid Simple-Condition: value of ${field} must be a string.`);
  return { operator: 'eq', field: field.toLowerCase(), value, text: spaced(['eq', `$${field}`, value]) };
}

/** Throws AccessDenied unless each condition holds and each field has one. The bucket counts as a field. */
export function checkPostPolicy(policy: PostPolicy, fields: ReadonlyMap<string, string>, bucket: string, now: number): void {
  if (policy.expiration <= now) throw againstPolicy('Policy expired.');
  const given = new Map([...fields, ['bucket', bucket]]);
  for (const condition of policy.conditions)
    if (!holds(condition, given.get(condition.field))) throw againstPolicy(`Policy Condition failed: ${condition.text}`);
  const covered = new Set(policy.conditions.map(({ field }) => field));
  const extra = [...given.keys()].filter((name) => !covered.has(name) && !free.has(name) && !/^x-(ignore|amz-checksum)-/.test(name));
  if (extra.length > 0) throw againstPolicy(`Extra input fields: ${extra.join(',')}`);
}

/** A Content-Type may list several types: each begins so. */
function holds({ operator, field, value }: FieldCondition, given: string | undefined): boolean {
  if (operator === 'none') return false;
  if (operator === 'eq') return given === value;
  if (given === undefined) return value === '';
  return field === 'content-type' ? given.split(',').every((type) => type.trimStart().startsWith(value)) : given.startsWith(value);
}
