/** The form that makes a launch template or another version of one: all that the form of launches asks, of which nothing must be said. */

import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplateVersionsCommand,
  type CreateLaunchTemplateCommandOutput,
  type CreateLaunchTemplateVersionCommandOutput,
  type LaunchTemplateVersion,
  type RequestLaunchTemplateData,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import { textOf } from '../from-shell/cli.ts';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read, type Field, type FieldValue, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { furtherFields, imageAndType, launchInputOf, loadLaunchChoices, terraformOfTemplate, type LaunchChoices } from './launch-fields.ts';
import { messages } from './messages-images.ts';
import { messages as instanceMessages } from './messages.ts';
import { messages as launchMessages } from './messages-launch.ts';

export async function versionsOf(id: string): Promise<readonly LaunchTemplateVersion[]> {
  return (await ec2().send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }))).LaunchTemplateVersions ?? [];
}

/** What the form would hold to say what a version says. */
function valuesOf(data: ResponseLaunchTemplateData): Record<string, FieldValue> {
  const [nic, disk] = [data.NetworkInterfaces?.[0], data.BlockDeviceMappings?.[0]?.Ebs];
  const address = nic?.AssociatePublicIpAddress;
  return {
    image: data.ImageId,
    type: data.InstanceType,
    key: data.KeyName,
    subnet: nic?.SubnetId,
    public: address === undefined ? undefined : address ? 'yes' : 'no',
    groups: nic?.Groups ?? data.SecurityGroupIds,
    rootSize: disk?.VolumeSize === undefined ? undefined : String(disk.VolumeSize),
    rootType: disk?.VolumeType,
    keepRoot: disk?.DeleteOnTermination === false || undefined,
    encryptRoot: disk?.Encrypted,
    buying: data.InstanceMarketOptions?.MarketType,
    profile: data.IamInstanceProfile?.Name,
    shutdown: data.InstanceInitiatedShutdownBehavior === 'terminate' ? 'terminate' : undefined,
    protect: data.DisableApiTermination,
    monitoring: data.Monitoring?.Enabled,
    metadata: data.MetadataOptions?.HttpTokens === 'required' ? 'required' : undefined,
    userData: data.UserData && textOf(data.UserData),
  };
}

function begun(field: Field, values: Readonly<Record<string, FieldValue>>): Field {
  const value = values[field.name];
  return value === undefined ? field : ({ ...field, initial: value } as Field);
}

function useFields(choices: LaunchChoices | undefined, before: ResponseLaunchTemplateData): readonly Field[] | undefined {
  const [i, l] = [useText(instanceMessages), useText(launchMessages)];
  if (!choices) return undefined;
  const [words, values] = [{ ...i, ...l }, valuesOf(before)];
  const [first, ...rest] = [...imageAndType(words, choices, true), ...furtherFields(words, choices)];
  return [{ ...first!, section: i.machine }, ...rest].map((field) => begun(field, values));
}

const descriptionField = (t: (typeof launchMessages)['en']): Field => ({ name: 'version', kind: 'text', label: t.versionText });

const dataOf = (values: Values, choices: LaunchChoices): RequestLaunchTemplateData =>
  launchInputOf(values, choices, true) as RequestLaunchTemplateData;

function creation(values: Values, choices: LaunchChoices): Action {
  const [name, VersionDescription] = [read.text(values, 'name'), read.text(values, 'version')];
  const LaunchTemplateData = dataOf(values, choices);
  const body = { name, description: VersionDescription, ...terraformOfTemplate(launchInputOf(values, choices, true)) };
  return {
    ...{ service: 'ec2', operation: 'CreateLaunchTemplate' },
    command: new CreateLaunchTemplateCommand({ LaunchTemplateName: name, VersionDescription, LaunchTemplateData }),
    terraform: [{ type: 'aws_launch_template', name: name ?? 'this', body }],
  };
}

const templatePattern = /^[\w().\-/]{3,128}$/;

export function CreateLaunchTemplate() {
  const t = useText(messages);
  const s = useText(shared);
  const l = useText(launchMessages);
  const answer = useAnswer(loadLaunchChoices, []);
  const choices = answer.value;
  const fields = useFields(choices, {});
  if (!choices || !fields) return <DetailPage name={t.createTemplate} answer={answer} />;
  return (
    <ActionForm
      title={t.createTemplate}
      description={t.createTemplateText}
      submit={t.createTemplate}
      fields={[
        { name: 'name', kind: 'text', label: t.templateName, required: true, pattern: templatePattern },
        descriptionField(l),
        ...fields,
      ]}
      actionsOf={(values) => [creation(values, choices)]}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'launch-templates']))}
      onDone={([output]) => {
        const made = (output as CreateLaunchTemplateCommandOutput).LaunchTemplate!;
        notify({ type: 'success', content: fill(s.created, { name: made.LaunchTemplateName! }) });
        goTo(hrefOf(['ec2', 'launch-templates', made.LaunchTemplateId!]));
      }}
    />
  );
}

export function NewTemplateVersion({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const answer = useAnswer(async () => {
    const [choices, versions] = await Promise.all([loadLaunchChoices(), versionsOf(id)]);
    return { choices, before: versions.find(({ DefaultVersion }) => DefaultVersion) ?? versions[0]! };
  }, [id]);
  if (!answer.value) return <DetailPage name={`${t.newVersion}: ${id}`} answer={answer} />;
  return <VersionForm id={id} {...answer.value} />;
}

/** The members that the form has fields for; others go over into the new version as they are. */
const asked: ReadonlySet<string> = new Set([
  ...['ImageId', 'InstanceType', 'KeyName', 'NetworkInterfaces', 'SecurityGroupIds', 'BlockDeviceMappings', 'InstanceMarketOptions'],
  ...['IamInstanceProfile', 'InstanceInitiatedShutdownBehavior', 'DisableApiTermination', 'Monitoring', 'MetadataOptions', 'UserData'],
]);

const unasked = (data: ResponseLaunchTemplateData = {}): RequestLaunchTemplateData =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !asked.has(name)));

function VersionForm({ id, choices, before }: { id: string; choices: LaunchChoices; before: LaunchTemplateVersion }) {
  const t = useText(messages);
  const l = useText(launchMessages);
  const fields = useFields(choices, before.LaunchTemplateData ?? {})!;
  const back = (): void => goTo(hrefOf(['ec2', 'launch-templates', id], { tab: 'versions' }));
  return (
    <ActionForm
      title={`${t.newVersion}: ${id}`}
      description={fill(t.newVersionText, { version: before.VersionNumber ?? 1 })}
      submit={t.newVersion}
      fields={[{ ...descriptionField(l), section: t.newVersion }, ...fields]}
      actionsOf={(values) => [
        {
          ...{ service: 'ec2', operation: 'CreateLaunchTemplateVersion' },
          command: new CreateLaunchTemplateVersionCommand({
            ...{ LaunchTemplateId: id, VersionDescription: read.text(values, 'version') },
            LaunchTemplateData: { ...unasked(before.LaunchTemplateData), ...dataOf(values, choices) },
          }),
        },
      ]}
      send={(command) => ec2().send(command)}
      onCancel={back}
      onDone={([output]) => {
        const { VersionNumber = 0 } = (output as CreateLaunchTemplateVersionCommandOutput).LaunchTemplateVersion ?? {};
        notify({ type: 'success', content: fill(t.versionMade, { version: VersionNumber }) });
        back();
      }}
    />
  );
}
