/** Launch templates: create, describe, change the default version, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { newId } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { checkTemplateData } from './data.ts';
import {
  findTemplate,
  latestVersion,
  launchTemplates,
  launchTemplateType,
  launchTemplateVersions,
  requireTemplate,
  requireVersion,
  versionsOf,
  type LaunchTemplate,
} from './launch-template.ts';

type Shown = LaunchTemplate & { latest: number };

const complete = async (tx: ReadTransaction, row: LaunchTemplate): Promise<Shown> => ({ ...row, latest: await latestVersion(tx, row) });

const templateOf = (row: Shown) => ({
  ...{ LaunchTemplateId: row.id, LaunchTemplateName: row.name, CreateTime: new Date(row.created), CreatedBy: row.createdBy },
  ...{ DefaultVersionNumber: row.defaultVersion, LatestVersionNumber: row.latest },
  ...tagSet(row),
});

function checkName(name: string): void {
  if (/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) return;
  throw refusal('InvalidLaunchTemplateName.MalformedException')(
    'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.',
  );
}

export const CreateLaunchTemplate: Operation<'CreateLaunchTemplate'> = async (request, input) => {
  checkName(input.LaunchTemplateName);
  const { account, region, now, principal } = request;
  const data = checkTemplateData('CreateLaunchTemplate', input.LaunchTemplateData);
  const { LaunchTemplateName: name, VersionDescription: description } = input;
  const row: LaunchTemplate = {
    ...{
      account,
      region,
      id: newId(request.random, 'lt'),
      name,
      created: now,
      createdBy: principal.arn,
      defaultVersion: 1,
      lastVersion: 1,
    },
    ...kept(tagsFor(input.TagSpecifications, 'launch-template')),
  };
  const made = await request.store.write(async (tx) => {
    const first = await once(tx, request, input, launchTemplates, async () => {
      if (await findTemplate(tx, request, { LaunchTemplateName: name }))
        throw refusal('InvalidLaunchTemplateName.AlreadyExistsException')('Launch template name already in use.');
      await launchTemplates.put(tx, row);
      await launchTemplateVersions.put(tx, {
        ...{ account, region, template: row.id, number: 1, created: now, createdBy: principal.arn, data },
        ...(description !== undefined && { description }),
      });
      return row;
    });
    return complete(tx, first);
  });
  return { LaunchTemplate: templateOf(made) };
};

const filters: Filters<Shown> = {
  'create-time': (row) => new Date(row.created).toISOString(),
  'launch-template-name': (row) => row.name,
};

export const DescribeLaunchTemplates: Operation<'DescribeLaunchTemplates'> = async (request, input) => {
  const ids = await request.store.read((tx) => idsOf(tx, request, input));
  const limits = { min: 1, max: 200 };
  const { rows, next } = await describeWith(request, input, { type: launchTemplateType, ids, filters, limits, complete });
  return { LaunchTemplates: rows.map(templateOf), ...next };
};

async function idsOf(
  tx: ReadTransaction,
  request: ServiceRequest,
  input: { LaunchTemplateIds?: string[] | undefined; LaunchTemplateNames?: string[] | undefined },
): Promise<string[]> {
  const ids = [...(input.LaunchTemplateIds ?? [])];
  for (const name of input.LaunchTemplateNames ?? []) ids.push((await requireTemplate(tx, request, { LaunchTemplateName: name })).id);
  return ids;
}

export const ModifyLaunchTemplate: Operation<'ModifyLaunchTemplate'> = async (request, input) => {
  const changed = await request.store.write(async (tx) => {
    const row = await requireTemplate(tx, request, input);
    const { number } = await requireVersion(tx, row, input.DefaultVersion);
    const next = { ...row, defaultVersion: number };
    await launchTemplates.put(tx, next);
    return complete(tx, next);
  });
  return { LaunchTemplate: templateOf(changed) };
};

/** All its versions go with it. */
export const DeleteLaunchTemplate: Operation<'DeleteLaunchTemplate'> = async (request, input) => {
  const gone = await request.store.write(async (tx) => {
    const row = await complete(tx, await requireTemplate(tx, request, input));
    for (const { number } of await versionsOf(tx, row)) await launchTemplateVersions.delete(tx, row.account, row.region, row.id, number);
    await launchTemplates.delete(tx, row.account, row.region, row.id);
    return row;
  });
  return { LaunchTemplate: templateOf(gone) };
};
