/** Writes values as XML by schema: restXml, awsQuery and ec2Query outputs. */

import { isLasting } from '../framework/lasting.ts';
import { memoised } from './memoise.ts';
import type { Member, Shape, Struct, Traits } from './model.ts';
import { textWriter } from './scalars.ts';
import { elementName } from './xml-reader.ts';

/** The value of a member as an element (for a flat list, elements). */
export type ElementWriter = (value: unknown) => string;

type StructParts = { attributes: string; content: string };

const NEEDS_ESCAPE = /[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028]/;
const ESCAPED = /[&<>"\u0000-\u0008\u000b-\u001f\u0085\u2028]/g;
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for an element or attribute. Characters that XML forbids become references, as S3 sends them for odd keys. */
export function escapeXml(text: string): string {
  return NEEDS_ESCAPE.test(text)
    ? text.replace(ESCAPED, (character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`)
    : text;
}

/** The members of a structure as elements, without an element around them. */
export function writeMembers(struct: Struct, value: unknown): string {
  return structWriter(struct)(value).content;
}

/** A structure as an element of its own: the root of a body. `attributes` come before the structure's. */
export function writeElement(struct: Struct, name: string, attributes: string, value: unknown): string {
  const parts = structWriter(struct)(value);
  return `<${name}${attributes}${parts.attributes}>${parts.content}</${name}>`;
}

export function namespaceAttribute(traits: Traits): string {
  const namespace = traits['xmlNamespace'] as [prefix: string, uri: string] | string | undefined;
  if (namespace === undefined) return '';
  const [prefix, uri] = typeof namespace === 'string' ? ['', namespace] : namespace;
  return prefix ? ` xmlns:${prefix}="${escapeXml(uri)}"` : ` xmlns="${escapeXml(uri)}"`;
}

const structWriters = memoised((shape: Shape) => makeStructWriter(shape as Struct));

function structWriter(struct: Struct): (value: unknown) => StructParts {
  return structWriters(struct) as (value: unknown) => StructParts;
}

function makeStructWriter(struct: Struct): (value: unknown) => StructParts {
  const attributes: [member: string, name: string, write: (value: unknown) => string][] = [];
  const elements: { member: Member; name: string; write: ElementWriter | undefined }[] = [];
  for (const member of struct.members) {
    if (member.traits['xmlAttribute'] !== undefined)
      attributes.push([member.name, elementName(member), textWriter(member.shape, 'date-time')]);
    else elements.push({ member, name: member.name, write: undefined });
  }
  return (value) => {
    const values = value as Record<string, unknown>;
    const parts: StructParts = { attributes: '', content: '' };
    for (const [member, name, write] of attributes) {
      const held = values[member];
      if (held !== undefined && held !== null)
        parts.attributes += ` ${name}="${escapeXml(write(held)).replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;')}"`;
    }
    for (const element of elements) {
      const held = values[element.name];
      if (held !== undefined && held !== null)
        parts.content += (element.write ??= memberWriter(element.member, elementName(element.member)))(held);
    }
    return parts;
  };
}

/** The writer of a member under a given element name. */
export function memberWriter(member: Member, name: string): ElementWriter {
  const { shape } = member;
  const open = `<${name}${namespaceAttribute(member.traits)}`;
  const close = `</${name}>`;
  const flat = member.traits['xmlFlattened'] !== undefined;
  switch (shape.kind) {
    case 'list': {
      const writeAnew = memberWriter(shape.member, flat ? name : entryName(shape.member, 'member'));
      const write = shape.member.shape.kind === 'struct' ? rememberText(writeAnew) : writeAnew;
      return (value) => {
        let content = '';
        for (const item of value as Iterable<unknown>) if (item !== undefined && item !== null) content += write(item);
        return flat ? content : `${open}>${content}${close}`;
      };
    }
    case 'map': {
      const writeKey = memberWriter(shape.key, entryName(shape.key, 'key'));
      const writeValue = memberWriter(shape.value, entryName(shape.value, 'value'));
      const entry = flat ? name : 'entry';
      return (value) => {
        let content = '';
        for (const [key, held] of Object.entries(value as object))
          if (held !== undefined && held !== null) content += `<${entry}>${writeKey(key)}${writeValue(held)}</${entry}>`;
        return flat ? content : `${open}>${content}${close}`;
      };
    }
    case 'struct': {
      let write: ((value: unknown) => StructParts) | undefined;
      return (value) => {
        const { attributes, content } = (write ??= structWriter(shape))(value);
        return `${open}${attributes}>${content}${close}`;
      };
    }
    default: {
      const write = textWriter(shape, 'date-time');
      return shape.kind === 'string'
        ? (value) => `${open}>${escapeXml(String(value))}${close}`
        : (value) => `${open}>${write(value)}${close}`;
    }
  }
}

/** Writes once what is written more than once as it is. */
function rememberText(write: ElementWriter): ElementWriter {
  const texts = new WeakMap<object, string>();
  return (value) => {
    if (!isLasting(value as object)) return write(value);
    let text = texts.get(value as object);
    // A string that was put together keeps its pieces, some two hundred of them, until it is read as a whole.
    if (text === undefined) texts.set(value as object, (text = Buffer.from(write(value)).toString()));
    return text;
  };
}

function entryName(member: Member, otherwise: string): string {
  return (member.ownTraits['xmlName'] as string | undefined) ?? otherwise;
}
