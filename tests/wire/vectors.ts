/** The public protocol vectors, where they lie beside the checkout: never part of it. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Given, Metadata, VectorMember, VectorShape, VectorShapes } from './vector-model.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/vectors/aws-protocols');

export const vectorsAreHere = existsSync(folder);
export const SKIPPED = `${folder} is not there`;

export type InputCase = {
  id: string;
  given: Given;
  params?: Record<string, unknown>;
  serialized: { method?: string; uri?: string; body?: string; headers?: Record<string, string>; host?: string };
};
export type OutputCase = {
  id: string;
  given: Given;
  result?: Record<string, unknown>;
  error?: Record<string, unknown>;
  errorCode?: string;
  errorMessage?: string;
  response: { status_code: number; headers?: Record<string, string>; body?: string };
};
export type Suite<Case> = { file: string; metadata: Metadata; shapes: VectorShapes; cases: Case[] };

export function suitesOf<Case>(side: 'input' | 'output'): Suite<Case>[] {
  return readdirSync(path.join(folder, side))
    .sort()
    .flatMap((file) =>
      (JSON.parse(readFileSync(path.join(folder, side, file), 'utf8')) as Omit<Suite<Case>, 'file'>[]).map((suite) => ({
        ...suite,
        file: file.replace('.json', ''),
      })),
    );
}

/** The vectors' JSON as values: dates from numbers, bytes from text, NaN and infinities from their names. */
export function valueOf(shapes: VectorShapes, member: VectorMember, value: unknown): unknown {
  const shape = shapes[member.shape] as VectorShape;
  if (value === null || value === undefined || shape.document === true) return value;
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(value as object).map(([name, held]) => [name, valueOf(shapes, shape.members?.[name] ?? { shape: name }, held)]),
      );
    case 'list':
      return (value as unknown[]).map((item) => valueOf(shapes, shape.member as VectorMember, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, held]) => [key, valueOf(shapes, shape.value as VectorMember, held)]),
      );
    case 'timestamp':
      return new Date(Number(value) * 1000);
    case 'blob':
      return Buffer.from(value as string, 'utf8');
    case 'float':
    case 'double':
      return Number(value);
    default:
      return member.jsonvalue === true && typeof value !== 'string' ? JSON.stringify(value) : value;
  }
}
