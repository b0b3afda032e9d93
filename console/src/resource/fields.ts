/** The fields of a form, said rather than drawn: a form is a list of these and what to send. */

import type { ReactNode } from 'react';
import { fill, type Catalogue } from '../language/catalogue.ts';
import type { messages } from './messages.ts';
import { cardsOf, faultsOf } from './policy.ts';
import type { Tag } from './tags.tsx';

/** What a form holds, by field name. */
export type Values = Readonly<Record<string, FieldValue>>;
export type FieldValue = string | boolean | readonly string[] | readonly Tag[] | File | undefined;

type Shared = {
  name: string;
  label: string;
  description?: ReactNode;
  /** Fields without a value are asked for. */
  required?: boolean;
  /** Shown only when the other values ask for it. */
  visible?(values: Values): boolean;
  /** What is wrong with the value, in the reader's language. */
  check?(value: string, values: Values): string | undefined;
  /** The heading that begins with this field. */
  section?: string;
};

export type Option = { value: string; label?: string; description?: string };

export type Field = Shared &
  (
    | { kind: 'text' | 'password' | 'textarea'; initial?: string; placeholder?: string; pattern?: RegExp }
    | { kind: 'number'; initial?: string; min?: number; max?: number }
    | { kind: 'json'; initial?: string; rows?: number }
    | { kind: 'policy'; initial?: string; rows?: number }
    | { kind: 'toggle'; initial?: boolean }
    | { kind: 'select' | 'tiles'; options: readonly Option[]; initial?: string }
    | { kind: 'multiselect'; options: readonly Option[]; initial?: readonly string[] }
    | { kind: 'tags'; initial?: readonly Tag[] }
    | { kind: 'file' }
  );

export type PolicyField = Extract<Field, { kind: 'policy' }>;

export function initialValues(fields: readonly Field[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, initialOf(field)]));
}

function initialOf(field: Field): FieldValue {
  switch (field.kind) {
    case 'toggle':
      return field.initial ?? false;
    case 'tags':
    case 'multiselect':
      return field.initial ?? [];
    case 'file':
      return undefined;
    case 'select':
    case 'tiles':
      return field.initial ?? (field.required ? (field.options[0]?.value ?? '') : '');
    default:
      return field.initial ?? '';
  }
}

type Texts = (typeof messages extends Catalogue<infer Keys> ? Catalogue<Keys> : never)['en'];

/** What is wrong with a field, or undefined. */
export function faultOf(field: Field, values: Values, t: Texts): string | undefined {
  if (field.visible && !field.visible(values)) return undefined;
  const value = values[field.name];
  if (typeof value !== 'string')
    return field.required && (value === undefined || (Array.isArray(value) && value.length === 0)) ? t.required : undefined;
  if (value === '') return field.required ? t.required : field.check?.(value, values);
  if (field.kind === 'number') {
    const number = Number(value);
    if (value.trim() === '' || Number.isNaN(number)) return t.notNumber;
    if (field.min !== undefined && number < field.min) return fill(t.tooSmall, { min: field.min });
    if (field.max !== undefined && number > field.max) return fill(t.tooLarge, { max: field.max });
  }
  if (field.kind === 'json' || field.kind === 'policy') {
    const why = whyNotJson(value);
    if (why !== undefined) return fill(t.notJson, { why });
  }
  if (field.kind === 'policy') {
    const policy = cardsOf(value);
    if (policy && faultsOf(policy).length > 0) return t.policyFaults;
  }
  if ('pattern' in field && field.pattern && !field.pattern.test(value)) return field.check?.(value, values) ?? t.badForm;
  return field.check?.(value, values);
}

export function whyNotJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Typed readings of values, for building inputs: what is empty is undefined. */
export const read = {
  text: (values: Values, name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  },
  number: (values: Values, name: string): number | undefined => {
    const value = values[name];
    return typeof value === 'string' && value.trim() !== '' ? Number(value) : undefined;
  },
  flag: (values: Values, name: string): boolean => values[name] === true,
  list: (values: Values, name: string): readonly string[] => (values[name] as readonly string[] | undefined) ?? [],
  tags: (values: Values, name = 'tags'): Tag[] | undefined => {
    const tags = ((values[name] as readonly Tag[] | undefined) ?? []).filter(({ Key }) => Key !== '');
    return tags.length > 0 ? tags : undefined;
  },
  file: (values: Values, name: string): File | undefined => values[name] as File | undefined,
};
