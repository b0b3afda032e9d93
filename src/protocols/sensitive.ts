/** A copy of an input or output that may be kept and shown: secrets hidden, streams and big blobs left out. */

import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { asBuffer } from './scalars.ts';

/** CloudTrail's own words for members that it hides. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

const BLOB_BYTES_MAX = 128;
const STRING_LENGTH_MAX = 4096;
/** A call with hundreds of records is told by the first of them: copying all would cost more than the call. */
const ITEMS_MAX = 50;

type Redactor = (value: unknown) => unknown;

/** JSON-safe: dates as ISO 8601, bytes as base64, bigints as text. Member names begin in lower case, as CloudTrail has them. */
export function redact(struct: Struct, value: unknown): unknown {
  return value === undefined || value === null ? undefined : redactorOf(struct)(value);
}

const redactorOf: (shape: Shape) => Redactor = memoised((shape): Redactor => {
  if (shape.traits['sensitive'] !== undefined) return () => HIDDEN;
  switch (shape.kind) {
    case 'struct':
      return structRedactor(shape);
    case 'list': {
      const redactItem = memberRedactor(shape.member);
      return (value) => {
        const items = value as unknown[];
        const kept = items.slice(0, ITEMS_MAX).map((item) => (item === null ? null : redactItem(item)));
        if (items.length > ITEMS_MAX) kept.push(`… and ${items.length - ITEMS_MAX} more`);
        return kept;
      };
    }
    case 'map': {
      const redactValue = memberRedactor(shape.value);
      return (value) =>
        Object.fromEntries(
          Object.entries(value as object)
            .slice(0, ITEMS_MAX)
            .map(([key, held]) => [key, held === null ? null : redactValue(held)]),
        );
    }
    case 'timestamp':
      return (value) => (value instanceof Date ? value.toISOString() : value);
    case 'blob':
      return blobText;
    case 'bigint':
    case 'bigdecimal':
      return String;
    case 'string':
      return (value) => shorten(String(value));
    default:
      return (value) => value;
  }
});

/** Secrets that some schemas forget to mark: sts Credentials, docdb, redshift. */
const SECRET_NAME = /(?:Password|SecretAccessKey|SessionToken|SecretKey|TokenValue|PasswordVerifier)$/;

function memberRedactor(member: Member): Redactor {
  const secret = member.traits['sensitive'] !== undefined || (member.shape.kind === 'string' && SECRET_NAME.test(member.name));
  return secret ? () => HIDDEN : redactorOf(member.shape);
}

function structRedactor(struct: Struct): Redactor {
  // Looked up late: shapes may be recursive.
  const redactors = new Map<string, { key: string; member: Member; redact: Redactor | undefined }>();
  for (const member of struct.members)
    redactors.set(member.name, { key: member.name.charAt(0).toLowerCase() + member.name.slice(1), member, redact: undefined });
  return (value) => {
    const copy: Record<string, unknown> = {};
    for (const [name, held] of Object.entries(value as object)) {
      const known = redactors.get(name);
      if (known === undefined || held === undefined || held === null || isStream(held)) continue;
      copy[known.key] = (known.redact ??= memberRedactor(known.member))(held);
    }
    return copy;
  };
}

function isStream(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('pipe' in value || Symbol.asyncIterator in value);
}

function blobText(value: unknown): unknown {
  const bytes = asBuffer(value as Uint8Array | string);
  return bytes.length > BLOB_BYTES_MAX ? `${bytes.length} bytes` : bytes.toString('base64');
}

function shorten(text: string): string {
  return text.length > STRING_LENGTH_MAX ? `${text.slice(0, STRING_LENGTH_MAX)}…` : text;
}
