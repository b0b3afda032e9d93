/** Versions of launch templates: create, describe, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf, tokenOf } from '../pagination.ts';
import { resourcesIn } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkTemplateData, shownData } from './data.ts';
import {
  launchTemplates,
  launchTemplateType,
  launchTemplateVersions,
  numberOf,
  requireTemplate,
  requireVersion,
  versionNotFound,
  versionNumber,
  versionsOf,
  type LaunchTemplate,
  type LaunchTemplateVersion,
} from './launch-template.ts';

/** AWS's limit of versions for one template. */
const versionsMax = 10_000;
const deletedAtOnceMax = 200;

type Shown = { template: LaunchTemplate; version: LaunchTemplateVersion };

const versionOf = ({ template, version }: Shown) => ({
  ...{ LaunchTemplateId: template.id, LaunchTemplateName: template.name, VersionNumber: version.number },
  ...(version.description !== undefined && { VersionDescription: version.description }),
  ...{ CreateTime: new Date(version.created), CreatedBy: version.createdBy, DefaultVersion: version.number === template.defaultVersion },
  LaunchTemplateData: shownData(version.data),
});

/** What the call does not say is taken from the source version, parameter by parameter. */
export const CreateLaunchTemplateVersion: Operation<'CreateLaunchTemplateVersion'> = async (request, input) => {
  if (input.ResolveAlias) throw notBuilt('CreateLaunchTemplateVersion', 'ResolveAlias');
  const given = checkTemplateData('CreateLaunchTemplateVersion', input.LaunchTemplateData);
  const { now, principal } = request;
  const shown = await request.store.write(async (tx) => {
    const row = await requireTemplate(tx, request, input);
    const source = input.SourceVersion === undefined ? undefined : await requireVersion(tx, row, input.SourceVersion);
    const number = row.lastVersion + 1;
    if (row.lastVersion >= versionsMax && (await versionsOf(tx, row)).length >= versionsMax)
      throw refusal('VersionLimitExceeded')(`You have reached the limit of ${versionsMax} versions for the launch template ${row.id}.`);
    const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const version: LaunchTemplateVersion = {
      ...{ account: row.account, region: row.region, template: row.id, number, created: now, createdBy: principal.arn },
      ...(input.VersionDescription !== undefined && { description: input.VersionDescription }),
      data: { ...source?.data, ...said },
    };
    await launchTemplateVersions.put(tx, version);
    const template = { ...row, lastVersion: number };
    await launchTemplates.put(tx, template);
    return { template, version };
  });
  return { LaunchTemplateVersion: versionOf(shown) };
};

const filters: Filters<Shown> = {
  'create-time': ({ version }) => new Date(version.created).toISOString(),
  'ebs-optimized': ({ version }) => version.data.EbsOptimized,
  'http-endpoint': ({ version }) => version.data.MetadataOptions?.HttpEndpoint,
  'http-tokens': ({ version }) => version.data.MetadataOptions?.HttpTokens,
  'iam-instance-profile': ({ version }) => version.data.IamInstanceProfile?.Arn,
  'image-id': ({ version }) => version.data.ImageId,
  'instance-type': ({ version }) => version.data.InstanceType,
  'is-default-version': ({ template, version }) => version.number === template.defaultVersion,
};

export const DescribeLaunchTemplateVersions: Operation<'DescribeLaunchTemplateVersions'> = async (request, input) => {
  if (input.ResolveAlias) throw notBuilt('DescribeLaunchTemplateVersions', 'ResolveAlias');
  const { limit = 200, after } = pageOf('launch-template-versions', input, { min: 1, max: 200 });
  const start = after ? Number(Buffer.from(after).toString()) : 0;
  const fits = compileFilters(input.Filters, filters);
  const all = await request.store.read((tx) =>
    input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined
      ? acrossTemplates(tx, request, input.Versions ?? [])
      : wantedOf(tx, request, input),
  );
  const found = all.filter(fits);
  return {
    LaunchTemplateVersions: found.slice(start, start + limit).map(versionOf),
    ...(start + limit < found.length && { NextToken: tokenOf('launch-template-versions', Buffer.from(String(start + limit))) }),
  };
};

/** Of all templates only the latest or the default versions can be asked for. */
async function acrossTemplates(tx: ReadTransaction, request: ServiceRequest, versions: readonly string[]): Promise<Shown[]> {
  if (versions.length === 0) throw missingParameter('LaunchTemplateId or LaunchTemplateName');
  if (versions.some((one) => one !== '$Latest' && one !== '$Default'))
    throw invalidParameterValue('Without a launch template only the versions $Latest and $Default can be described.');
  const found: Shown[] = [];
  for (const template of await resourcesIn(tx, request, launchTemplateType)) found.push(...(await namedVersions(tx, template, versions)));
  return found;
}

async function namedVersions(tx: ReadTransaction, template: LaunchTemplate, names: readonly string[]): Promise<Shown[]> {
  const numbers = new Set<number>();
  for (const name of names) numbers.add((await requireVersion(tx, template, name)).number);
  return (await versionsOf(tx, template)).filter(({ number }) => numbers.has(number)).map((version) => ({ template, version }));
}

/** The newest first. */
async function wantedOf(tx: ReadTransaction, request: ServiceRequest, input: Input<'DescribeLaunchTemplateVersions'>): Promise<Shown[]> {
  const template = await requireTemplate(tx, request, input);
  if (input.Versions?.length) return (await namedVersions(tx, template, input.Versions)).toReversed();
  const from = input.MinVersion === undefined ? 1 : await versionNumber(tx, template, input.MinVersion);
  const to = input.MaxVersion === undefined ? template.lastVersion : await versionNumber(tx, template, input.MaxVersion);
  const versions = (await versionsOf(tx, template)).filter(({ number }) => number >= from && number <= to);
  return versions.toReversed().map((version) => ({ template, version }));
}

/** Each version by itself: the default one stays. */
export const DeleteLaunchTemplateVersions: Operation<'DeleteLaunchTemplateVersions'> = async (request, input) => {
  const wanted = input.Versions ?? [];
  if (wanted.length === 0) throw missingParameter('LaunchTemplateVersion');
  if (wanted.length > deletedAtOnceMax)
    throw invalidParameterValue(`Up to ${deletedAtOnceMax} launch template versions can be deleted in a single request.`);
  const numbers = [...new Set(wanted.map(numberOf))];
  return request.store.write(async (tx) => {
    const row = await requireTemplate(tx, request, input);
    const gone = [];
    const kept = [];
    for (const number of numbers) {
      const one = { LaunchTemplateId: row.id, LaunchTemplateName: row.name, VersionNumber: number };
      const failure = await failureOf(tx, row, number);
      if (failure) kept.push({ ...one, ResponseError: failure });
      else {
        await launchTemplateVersions.delete(tx, row.account, row.region, row.id, number);
        gone.push(one);
      }
    }
    return { SuccessfullyDeletedLaunchTemplateVersions: gone, UnsuccessfullyDeletedLaunchTemplateVersions: kept };
  });
};

async function failureOf(tx: ReadTransaction, row: LaunchTemplate, number: number) {
  if (number === row.defaultVersion)
    return { Code: 'unexpectedError' as const, Message: 'The default version of a launch template cannot be deleted.' };
  if (await launchTemplateVersions.get(tx, row.account, row.region, row.id, number)) return undefined;
  return {
    Code: 'launchTemplateVersionDoesNotExist' as const,
    Message: versionNotFound(row, number).message,
  };
}
