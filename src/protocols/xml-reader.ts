/** Reads XML elements by schema: restXml inputs. Unknown elements are refused, as AWS validates against its published schemas. */

import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { textReader } from './scalars.ts';
import { WireFault } from './wire-fault.ts';
import type { XmlElement } from './xml-tree.ts';

type ElementReader = (element: XmlElement) => unknown;
type StructReader = (element: XmlElement, into: Record<string, unknown>) => void;

export function elementName(member: Member): string {
  return (member.ownTraits['xmlName'] as string | undefined) ?? member.name;
}

/** The members of a structure from the children and attributes of an element. */
export function readStruct(struct: Struct, element: XmlElement): Record<string, unknown> {
  return ofShape(struct)(element) as Record<string, unknown>;
}

const ofShape = memoised((shape: Shape): ElementReader => {
  switch (shape.kind) {
    case 'struct': {
      const read = structReader(shape);
      return (element) => {
        const values: Record<string, unknown> = {};
        read(element, values);
        return values;
      };
    }
    case 'list':
      return (element) => element.children.map((child) => readEntry(shape.member, child));
    case 'map':
      return (element) => {
        const map = Object.create(null) as Record<string, unknown>;
        for (const entry of element.children) readMapEntry(shape.key, shape.value, entry, map);
        return map;
      };
    default:
      return scalarReader(shape);
  }
});

function scalarReader(shape: Shape): ElementReader {
  const read = textReader(shape);
  // White space around numbers, booleans and dates is layout; in strings it is theirs; base64 may be folded.
  const clean =
    shape.kind === 'string'
      ? (text: string) => text
      : shape.kind === 'blob'
        ? (text: string) => text.replace(/\s+/g, '')
        : (text: string) => text.trim();
  return (element) => {
    if (element.children.length > 0) throw unexpected(element.children[0] as XmlElement, element.name);
    return read(clean(element.text));
  };
}

type Reading = (element: XmlElement, into: Record<string, unknown>) => void;

function structReader(struct: Struct): StructReader {
  const attributes: [name: string, member: Member, read: (text: string) => unknown][] = [];
  const elements = new Map<string, { member: Member; read: Reading | undefined }>();
  for (const member of struct.members) {
    if (member.traits['xmlAttribute'] !== undefined) attributes.push([elementName(member), member, textReader(member.shape)]);
    else elements.set(elementName(member), { member, read: undefined });
  }
  return (element, into) => {
    for (const [name, member, read] of attributes) {
      const text = element.attributes[name];
      if (text !== undefined) into[member.name] = read(text);
    }
    for (const child of element.children) {
      const field = elements.get(child.name);
      if (field === undefined) throw unexpected(child, element.name);
      field.read ??= memberReader(field.member);
      field.read(child, into);
    }
    if (struct.union && Object.keys(into).length !== 1)
      throw new WireFault('value', `${struct.name} takes exactly one member, and ${Object.keys(into).length} are set`);
  };
}

function memberReader(member: Member): Reading {
  const { name, shape } = member;
  const flat = member.traits['xmlFlattened'] !== undefined;
  if (shape.kind === 'list' && flat) {
    const read = ofShape(shape.member.shape);
    return (element, into) => {
      ((into[name] ??= []) as unknown[]).push(read(element));
    };
  }
  if (shape.kind === 'map' && flat) {
    return (element, into) =>
      readMapEntry(shape.key, shape.value, element, (into[name] ??= Object.create(null)) as Record<string, unknown>);
  }
  const read = ofShape(shape);
  return (element, into) => {
    if (name in into) throw new WireFault('value', `The element ${element.name} is there twice`);
    into[name] = read(element);
  };
}

function readEntry(member: Member, element: XmlElement): unknown {
  const name = (member.ownTraits['xmlName'] as string | undefined) ?? 'member';
  if (element.name !== name) throw new WireFault('value', `The element ${element.name.slice(0, 64)} is not expected in a list of ${name}`);
  return ofShape(member.shape)(element);
}

function readMapEntry(key: Member, value: Member, entry: XmlElement, into: Record<string, unknown>): void {
  const keyName = (key.ownTraits['xmlName'] as string | undefined) ?? 'key';
  const valueName = (value.ownTraits['xmlName'] as string | undefined) ?? 'value';
  const named = entry.children.find((child) => child.name === keyName);
  const held = entry.children.find((child) => child.name === valueName);
  if (named === undefined || held === undefined)
    throw new WireFault('value', `The element ${entry.name.slice(0, 64)} lacks its ${keyName} or ${valueName}`);
  into[named.text] = ofShape(value.shape)(held);
}

function unexpected(element: XmlElement, within: string): WireFault {
  return new WireFault('value', `The element ${element.name.slice(0, 64)} is not expected in ${within.slice(0, 64)}`);
}
