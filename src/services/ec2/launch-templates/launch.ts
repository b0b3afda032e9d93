/** A launch from a template: what the call does not say itself, the version says. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import type { Input } from '../sdk.ts';
import { requireTemplate, requireVersion } from './launch-template.ts';

type LaunchInput = Input<'RunInstances'>;

/** `launched` are the template and the version that were used. */
export type TemplatedLaunch = { input: LaunchInput; launched?: { template: string; version: number } };

/** Each parameter of the call stands in for the whole parameter of the template. Throws for a template or a version that is not there. */
export async function withTemplate(tx: ReadTransaction, request: ServiceRequest, given: LaunchInput): Promise<TemplatedLaunch> {
  const { LaunchTemplate: wanted, ...input } = given;
  if (!wanted) return { input };
  const row = await requireTemplate(tx, request, wanted);
  const { number, data } = await requireVersion(tx, row, wanted.Version);
  const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && !isEmptyList(value)));
  return { input: { ...(data as Partial<LaunchInput>), ...(said as LaunchInput) }, launched: { template: row.id, version: number } };
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
