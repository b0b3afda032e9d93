/** Names of delivered objects: https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-key-template.html */

import { invalidArgument } from '../errors.ts';
import type { Channel } from './channel.ts';

const defaultTemplate =
  'kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}';
const variable = /!\{([^{}]*)\}/g;
const charactersMax = 1_024;

type Occasion = { channel: Channel; /** When the oldest record arrived. */ time: number; /** What makes it unique. */ suffix: string };

const pad = (number: number): string => String(number).padStart(2, '0');

const variables: Readonly<Record<string, (occasion: Occasion) => string>> = {
  __proto__: null as never,
  'channel-name': ({ channel }) => channel.name,
  'channel-id': ({ channel }) => channel.id,
  'stream-name': ({ channel }) => channel.stream.name,
  yyyy: ({ time }) => String(new Date(time).getUTCFullYear()),
  yy: ({ time }) => String(new Date(time).getUTCFullYear()).slice(-2),
  MM: ({ time }) => pad(new Date(time).getUTCMonth() + 1),
  dd: ({ time }) => pad(new Date(time).getUTCDate()),
  HH: ({ time }) => pad(new Date(time).getUTCHours()),
  mm: ({ time }) => pad(new Date(time).getUTCMinutes()),
  extension: ({ channel }) => extensions[channel.storage.CompressionType!]!,
};

const extensions: Readonly<Record<string, string>> = { NONE: '', GZIP: '.gz', ZSTD: '.zst' };

/** `!{extension:.json}` is an extension as it is said. */
const isExtension = (name: string): boolean => name === 'extension' || name.startsWith('extension:');

/** Throws InvalidArgumentException for a template that cannot name objects. */
export function checkTemplate(template: string | undefined): void {
  if (template === undefined) return;
  const wrong = (why: string): never => {
    throw invalidArgument(`Invalid OutputKeyTemplate: ${why}`);
  };
  if (template.length > charactersMax) wrong(`it has more than ${charactersMax} characters`);
  if (template === '' || template.startsWith('/') || template.endsWith('/'))
    wrong('it must name an object, and must not begin with a slash');
  if (template.includes('..') || template.includes('./')) wrong('it must not contain .. or ./');
  for (const [, name] of template.matchAll(variable))
    if (!Object.hasOwn(variables, name!) && !isExtension(name!)) wrong(`unknown variable !{${name}}`);
  if (!/^[a-zA-Z0-9/_\-.+=]*$/.test(template.replaceAll(variable, ''))) wrong('it contains a character that is not allowed');
}

/** The same occasion gives the same name: a second attempt writes the same object. */
export function objectKey(occasion: Occasion): string {
  const template = occasion.channel.storage.OutputKeyTemplate ?? defaultTemplate;
  const last = [...template.matchAll(variable)].at(-1);
  const isLast = last !== undefined && isExtension(last[1]!) && last.index + last[0].length === template.length;
  const [name, extension] = isLast ? [template.slice(0, last.index), last[0]] : [template, ''];
  return evaluated(`${name}-`, occasion) + occasion.suffix + evaluated(extension, occasion);
}

const evaluated = (template: string, occasion: Occasion): string =>
  template.replaceAll(variable, (_, name: string) =>
    name.startsWith('extension:') ? name.slice('extension:'.length) : variables[name]!(occasion),
  );

/** Records that could not be delivered lie below the prefix for errors, by the hour. */
export function deadLetterKey(occasion: Occasion): string {
  const { deadLetters, id, name } = occasion.channel;
  const prefix = deadLetters.ErrorOutputPrefix ?? '';
  return evaluated(`${prefix}!{yyyy}/!{MM}/!{dd}/!{HH}/`, occasion) + `${name}-${id}-${occasion.suffix}`;
}
