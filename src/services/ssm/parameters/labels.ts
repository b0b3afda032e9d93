/** Labels of versions: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { parameterVersionNotFound, tooManyLabels, unsatisfied } from '../errors.ts';
import { labelCharactersMax, labelsPerVersionMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { labels, parameterVersions, type Parameter } from '../tables.ts';
import { labelsOf, requireParameter } from './lookup.ts';
import { knownName } from './names.ts';

const isLabel = (label: string): boolean => /^(?!aws|ssm|\d)[\w.-]+$/i.test(label);

function requireLabels(given: readonly string[]): void {
  const text = `[${given.join(', ')}]`;
  if (given.length === 0) throw unsatisfied(text, 'labels', 'Member must have length greater than or equal to 1');
  if (given.length > labelsPerVersionMax) throw tooManyLabels();
  if (given.some((label) => label.length < 1 || label.length > labelCharactersMax))
    throw unsatisfied(
      text,
      'labels',
      `Member must satisfy constraint: [Member must have length less than or equal to ${labelCharactersMax}, Member must have length greater than or equal to 1]`,
    );
}

async function requireVersionOf(tx: ReadTransaction, { account, region, name }: Parameter, version: number): Promise<void> {
  if (!(await parameterVersions.get(tx, account, region, name, version))) throw parameterVersionNotFound(name, String(version));
}

/** A label moves from the version that has it. */
export const LabelParameterVersion: Operation<'LabelParameterVersion'> = async (request, input) => {
  const asked = knownName(input.Name);
  requireLabels(input.Labels);
  const given = new Set(input.Labels);
  const valid = [...given].filter(isLabel);
  const version = await request.store.write(async (tx) => {
    const parameter = await requireParameter(tx, request, asked);
    const { account, region, name } = parameter;
    const meant = input.ParameterVersion ?? parameter.version;
    await requireVersionOf(tx, parameter, meant);
    const present = (await labelsOf(tx, parameter)).get(meant) ?? [];
    if (new Set([...present, ...valid]).size > labelsPerVersionMax) throw tooManyLabels();
    for (const label of valid) await labels.put(tx, { account, region, name, label, version: meant });
    return meant;
  });
  return { InvalidLabels: [...given].filter((label) => !isLabel(label)), ParameterVersion: version };
};

export const UnlabelParameterVersion: Operation<'UnlabelParameterVersion'> = async (request, input) => {
  const asked = knownName(input.Name);
  requireLabels(input.Labels);
  const removed = await request.store.write(async (tx) => {
    const parameter = await requireParameter(tx, request, asked);
    const { account, region, name } = parameter;
    await requireVersionOf(tx, parameter, input.ParameterVersion);
    const gone: string[] = [];
    for (const label of new Set(input.Labels)) {
      const found = await labels.get(tx, account, region, name, label);
      if (found?.version !== input.ParameterVersion) continue;
      await labels.delete(tx, account, region, name, label);
      gone.push(label);
    }
    return gone;
  });
  return { RemovedLabels: removed, InvalidLabels: [...new Set(input.Labels)].filter((label) => !removed.includes(label)) };
};
