/** Launch templates and their versions: the records. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { requireResource, resourceType, type Place } from '../resource.ts';
import type { Input } from '../sdk.ts';

export type LaunchTemplateData = NonNullable<Input<'CreateLaunchTemplate'>['LaunchTemplateData']>;

export type LaunchTemplate = {
  account: string;
  region: string;
  id: string;
  name: string;
  created: number;
  /** The ARN of who made it. */
  createdBy: string;
  defaultVersion: number;
  /** The highest number that was given, also where that version is no more. */
  lastVersion: number;
  tags?: Tag[];
};

/** A version never changes. */
export type LaunchTemplateVersion = {
  account: string;
  region: string;
  template: string;
  number: number;
  description?: string;
  created: number;
  createdBy: string;
  /** As the call gave it, with what it took from its source version. */
  data: LaunchTemplateData;
};

export const launchTemplates = table<LaunchTemplate, 'name'>('ec2/launch-templates', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { name: (row) => [row.account, row.region, row.name] },
  unique: ['name'],
});

export const launchTemplateVersions = table<LaunchTemplateVersion>('ec2/launch-template-versions', {
  key: (row) => [row.account, row.region, row.template, row.number],
});

export const launchTemplateType = resourceType('launch-template', 'lt', launchTemplates, [
  'InvalidLaunchTemplateId.NotFound',
  (id: string) => `The specified launch template, with template ID ${id}, does not exist.`,
]);

/** How calls name a template: by one of the two. */
export type TemplateName = { LaunchTemplateId?: string | undefined; LaunchTemplateName?: string | undefined };

/** The template of a name; `undefined` where there is none. */
export function findTemplate(tx: ReadTransaction, { account, region }: Place, name: TemplateName): Promise<LaunchTemplate | undefined> {
  if (name.LaunchTemplateId !== undefined) return launchTemplates.get(tx, account, region, name.LaunchTemplateId);
  return launchTemplates.find(tx, 'name', account, region, name.LaunchTemplateName ?? '');
}

/** Throws InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateName.NotFoundException, and for both names or none. */
export async function requireTemplate(tx: ReadTransaction, place: Place, given: TemplateName): Promise<LaunchTemplate> {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = given;
  if (id !== undefined && name !== undefined)
    throw invalidParameterCombination('Specify either the launch template ID or the launch template name, but not both');
  if (id !== undefined) return requireResource(tx, place, launchTemplateType, id);
  if (name === undefined) throw missingParameter('LaunchTemplateId or LaunchTemplateName');
  const found = await findTemplate(tx, place, given);
  if (found) return found;
  throw refusal('InvalidLaunchTemplateName.NotFoundException')(
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

export function versionsOf(tx: ReadTransaction, { account, region, id }: LaunchTemplate): Promise<LaunchTemplateVersion[]> {
  return launchTemplateVersions.scan(tx, [account, region, id]).then((found) => found.map(({ row }) => row));
}

/** The highest number that is there: the newest may have been deleted. */
export async function latestVersion(tx: ReadTransaction, row: LaunchTemplate): Promise<number> {
  const [latest] = await launchTemplateVersions.scan(tx, [row.account, row.region, row.id], { reverse: true, limit: 1 });
  return latest!.row.number;
}

/** `$Default` (also what no version means), `$Latest`, or a number. Throws InvalidParameterValue for what is none of them. */
export async function versionNumber(tx: ReadTransaction, row: LaunchTemplate, version: string | undefined): Promise<number> {
  if (version === undefined || version === '' || version === '$Default') return row.defaultVersion;
  if (version === '$Latest') return latestVersion(tx, row);
  return numberOf(version);
}

export function numberOf(version: string): number {
  if (/^[1-9]\d{0,14}$/.test(version)) return Number(version);
  throw invalidParameterValue(`The value '${version}' for the launch template version is not valid: a number, $Latest or $Default is.`);
}

export const versionNotFound = (row: LaunchTemplate, number: number) =>
  refusal('InvalidLaunchTemplateId.VersionNotFound')(
    `Could not find the specified version ${number} for the launch template with ID ${row.id}.`,
  );

/** Throws InvalidLaunchTemplateId.VersionNotFound. */
export async function requireVersion(
  tx: ReadTransaction,
  row: LaunchTemplate,
  version: string | undefined,
): Promise<LaunchTemplateVersion> {
  const number = await versionNumber(tx, row, version);
  const found = await launchTemplateVersions.get(tx, row.account, row.region, row.id, number);
  if (!found) throw versionNotFound(row, number);
  return found;
}
