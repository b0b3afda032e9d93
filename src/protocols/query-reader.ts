/** Reads forms by schema: awsQuery and ec2Query inputs. */

import type { Form } from './form.ts';
import { memoised } from './memoise.ts';
import type { Member, Shape, Struct } from './model.ts';
import { textReader } from './scalars.ts';
import { WireFault } from './wire-fault.ts';

type FormReader = (form: Form) => unknown;

/** What sets the two query dialects apart. */
type Dialect = { key(member: Member): string; flat(traits: Member['traits']): boolean };

const awsQuery: Dialect = {
  key: (member) => (member.ownTraits['xmlName'] as string | undefined) ?? member.name,
  flat: (traits) => traits['xmlFlattened'] !== undefined,
};

const ec2Query: Dialect = {
  key(member) {
    const own = member.ownTraits['ec2QueryName'] as string | undefined;
    if (own !== undefined) return own;
    const name = (member.ownTraits['xmlName'] as string | undefined) ?? member.name;
    return name.charAt(0).toUpperCase() + name.slice(1);
  },
  flat: () => true,
};

const readers = { awsQuery: readersOf(awsQuery), ec2Query: readersOf(ec2Query) };

/** The input of an operation from its form. Parameters that the schema does not know are skipped, as AWS does. Throws WireFault. */
export function readForm(protocol: 'awsQuery' | 'ec2Query', input: Struct, form: Form): Record<string, unknown> {
  return readers[protocol](input)(form) as Record<string, unknown>;
}

function readersOf(dialect: Dialect): (shape: Shape) => FormReader {
  const ofShape = memoised((shape): FormReader => {
    if (shape.kind === 'struct') return structReader(shape, (member) => ofMember(member), dialect);
    if (shape.kind === 'list') return listReader(shape.member, dialect.flat(shape.traits), ofMember(shape.member));
    if (shape.kind === 'map') return mapReader(shape.key, shape.value, dialect.flat(shape.traits), ofMember(shape.value));
    const read = textReader(shape);
    return (form) => (form.value === undefined ? undefined : read(form.value));
  });
  // A member may flatten a list or map whose shape does not.
  const ofMember = (member: Member): FormReader => {
    const { shape } = member;
    if (shape.kind === 'list') return listReader(shape.member, dialect.flat(member.traits), ofShape(shape.member.shape));
    if (shape.kind === 'map') return mapReader(shape.key, shape.value, dialect.flat(member.traits), ofShape(shape.value.shape));
    return ofShape(shape);
  };
  return ofShape;
}

type Field = { member: Member; read: FormReader | undefined };

function structReader(struct: Struct, child: (member: Member) => FormReader, dialect: Dialect): FormReader {
  // SQS gives one key to two members (AttributeName): both are filled.
  const fields = new Map<string, Field[]>();
  for (const member of struct.members) {
    const key = dialect.key(member);
    fields.set(key, [...(fields.get(key) ?? []), { member, read: undefined }]);
  }
  const single = struct.union && struct.traits['severalMembers'] === undefined;
  return (form) => {
    const read: Record<string, unknown> = {};
    if (form.parts === undefined) return read;
    let members = 0;
    for (const [key, part] of form.parts) {
      const named = fields.get(key);
      if (named === undefined) continue;
      for (const field of named) {
        field.read ??= child(field.member);
        const value = at(field.member.name, part, field.read);
        if (value !== undefined) {
          read[field.member.name] = value;
          members++;
        }
      }
    }
    if (single && members !== 1) throw new WireFault('value', `${struct.name} takes exactly one member, and ${members} are set`);
    return read;
  };
}

/** Reads a part; a fault that knows no place yet is given its member's name. */
function at(name: string, part: Form, read: FormReader): unknown {
  try {
    return read(part);
  } catch (error) {
    if (error instanceof WireFault) error.where = error.where === undefined ? name : `${name}.${error.where}`;
    throw error;
  }
}

function listReader(member: Member, flat: boolean, read: FormReader): FormReader {
  const entry = (member.ownTraits['xmlName'] as string | undefined) ?? 'member';
  return (form) => {
    if (form.parts === undefined) {
      if (form.value === '') return [];
      throw new WireFault('value', 'A list is expected, and a value is given');
    }
    // botocore and the old SDKs differ in the entry's name where a model renames it.
    const parts = flat ? form.parts : (form.parts.get(entry) ?? form.parts.get('member'))?.parts;
    if (parts === undefined) return undefined;
    return numbered(parts).map((part) => {
      const value = read(part);
      if (value === undefined) throw new WireFault('value', 'A list holds an entry without a value');
      return value;
    });
  };
}

function mapReader(key: Member, value: Member, flat: boolean, read: FormReader): FormReader {
  const keyName = (key.ownTraits['xmlName'] as string | undefined) ?? 'key';
  const valueName = (value.ownTraits['xmlName'] as string | undefined) ?? 'value';
  return (form) => {
    const parts = flat ? form.parts : form.parts?.get('entry')?.parts;
    if (parts === undefined && form.value === undefined) return undefined;
    if (parts === undefined && form.value !== '') throw new WireFault('value', 'A map is expected, and a value is given');
    const map = Object.create(null) as Record<string, unknown>;
    if (parts === undefined) return map;
    for (const part of numbered(parts)) {
      const name = part.parts?.get(keyName)?.value;
      if (name === undefined) throw new WireFault('value', 'A map holds an entry without a key');
      const held = part.parts?.get(valueName);
      map[name] = held === undefined ? '' : read(held);
    }
    return map;
  };
}

/** The parts named 1, 2, 3 … in the order of their numbers; gaps are closed, as AWS does. */
function numbered(parts: Map<string, Form>): Form[] {
  const entries: [number, Form][] = [];
  let sorted = true;
  for (const [name, part] of parts) {
    const number = Number(name);
    if (!Number.isInteger(number) || number < 0) throw new WireFault('value', `${name.slice(0, 64)} is not the number of a list entry`);
    if (entries.length > 0 && number < (entries[entries.length - 1] as [number, Form])[0]) sorted = false;
    entries.push([number, part]);
  }
  if (!sorted) entries.sort((a, b) => a[0] - b[0]);
  return entries.map((entry) => entry[1]);
}
