/** The query of a URL as a map, within limits. */

import { AwsError } from '../framework/aws-error.ts';

const PARAMETERS_MAX = 1_000;

export type Query = ReadonlyMap<string, readonly string[]>;

const none: Query = new Map();

/** Decodes a raw query, `+` as space. Throws InvalidURI for a broken escape or too many parameters. */
export function parseQuery(rawQuery: string): Query {
  if (rawQuery === '') return none;
  const query = new Map<string, string[]>();
  let count = 0;
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    if (++count > PARAMETERS_MAX)
      throw new AwsError('InvalidURI', `The query has more than ${PARAMETERS_MAX} parameters.`, { status: 400 });
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    const values = query.get(name);
    if (values) values.push(value);
    else query.set(name, [value]);
  }
  return query;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodePart(spaced) : spaced;
}

/** Percent-decodes UTF-8. Throws InvalidURI where that is none. */
export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { status: 400, cause });
  }
}
