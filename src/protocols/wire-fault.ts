/** What a reader throws when the bytes do not say what the schema wants; malformed.ts turns it into the service's own error. */

export type FaultKind =
  /** Not JSON, XML, CBOR, a form or frames at all. */
  | 'syntax'
  /** Well formed, but a value is of the wrong type or cannot be read. */
  | 'value'
  /** Deeper, longer or more than Haneul takes. */
  | 'limit';

export class WireFault extends Error {
  override name = 'WireFault';
  readonly kind: FaultKind;
  /** Where in the input: `httpQuery` or header name, or a member's name. */
  where: string | undefined;
  /** The text that could not be read, where it is short enough to be repeated. */
  readonly given: string | undefined;

  constructor(kind: FaultKind, message: string, options: { where?: string; given?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.where = options.where;
    this.given = options.given;
  }
}

/** Coral's words for a JSON value of the wrong type: `NUMBER_VALUE can not be converted to a String`. */
export function unexpectedValue(value: unknown, wanted: string): WireFault {
  if (Array.isArray(value)) return new WireFault('value', 'Start of list found where not expected');
  if (typeof value === 'object' && value !== null) return new WireFault('value', 'Start of structure or map found where not expected.');
  const article = /^[AEIOU]/.test(wanted) ? 'an' : 'a';
  return new WireFault('value', `${valueName(value)} can not be converted to ${article} ${wanted}`);
}

function valueName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'STRING_VALUE';
    case 'number':
    case 'bigint':
      return 'NUMBER_VALUE';
    case 'boolean':
      return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
    default:
      return 'NULL_VALUE';
  }
}
