/** Launch templates: how instances are launched, kept in versions, and launches from them. */

import Button from '@cloudscape-design/components/button';
import {
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  ModifyLaunchTemplateCommand,
  RunInstancesCommand,
  type LaunchTemplate,
} from '@aws-sdk/client-ec2';
import { useText } from '../language/catalogue.ts';
import { JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read, type Field } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { ec2, nameOf } from './client.ts';
import { ec2Collection, only } from './ec2-collection.tsx';
import { CreateLaunchTemplate, versionsOf } from './launch-template-form.tsx';
import { messages } from './messages-images.ts';

type Keys = keyof (typeof messages)['en'];
type Texts = Readonly<Record<Keys, string>>;

function Versions({ id }: { id: string }) {
  const t = useText(messages);
  const { value, error } = useAnswer(() => versionsOf(id), [id], 'ec2');
  if (error !== undefined) return <FailureAlert error={error} />;
  return (
    <>
      <Button href={hrefOf(['ec2', 'launch-templates', id, 'new-version'])} onFollow={follow}>
        {t.newVersion}
      </Button>
      {value?.map(({ VersionNumber, VersionDescription, DefaultVersion, CreateTime, LaunchTemplateData }) => (
        <section key={VersionNumber}>
          <h3>
            {t.version} {VersionNumber} {DefaultVersion && `(${t.standard})`} · {timeText(CreateTime)} <Name>{VersionDescription}</Name>
          </h3>
          <JsonView value={LaunchTemplateData} />
        </section>
      ))}
    </>
  );
}

async function versionField(template: LaunchTemplate, t: Texts): Promise<Field> {
  const versions = await versionsOf(template.LaunchTemplateId!);
  return {
    ...{ name: 'version', kind: 'select', label: t.version, required: true, initial: String(template.DefaultVersionNumber) },
    options: versions.map(({ VersionNumber, VersionDescription }) => ({
      value: String(VersionNumber),
      ...(VersionDescription && { description: VersionDescription }),
    })),
  };
}

export const launchTemplates = ec2Collection<LaunchTemplate, Keys>({
  path: 'launch-templates',
  messages,
  ...{ title: 'templates', emptyTitle: 'templatesEmpty', emptyText: 'templatesEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeLaunchTemplatesCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.LaunchTemplates ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }))
        .then(({ LaunchTemplates }) => LaunchTemplates),
    ),
  idOf: ({ LaunchTemplateId }) => LaunchTemplateId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ LaunchTemplateId }) => LaunchTemplateId! },
    { id: 'called', header: t.templateName, cell: ({ LaunchTemplateName }) => LaunchTemplateName ?? '' },
    { id: 'name', header: t.name, cell: nameOf, hidden: true },
    { id: 'default', header: t.standard, width: 130, cell: ({ DefaultVersionNumber }) => DefaultVersionNumber ?? '' },
    { id: 'latest', header: t.latest, width: 130, cell: ({ LatestVersionNumber }) => LatestVersionNumber ?? '' },
    { id: 'created', header: t.created, cell: ({ CreateTime }) => timeText(CreateTime), text: ({ CreateTime }) => Number(CreateTime) },
  ],
  tabs: ({ LaunchTemplateId }, t) => [{ id: 'versions', label: t.versions, content: <Versions id={LaunchTemplateId!} /> }],
  createPage: { text: 'createTemplate', page: CreateLaunchTemplate },
  deeds: [
    {
      ...{ id: 'launch', text: 'launchFrom', hint: 'launchFromText' },
      fields: async (template, t) => [
        await versionField(template, t),
        { name: 'count', kind: 'number', label: t.count, initial: '1', min: 1, max: 100, required: true },
      ],
      actionsOf: ({ LaunchTemplateId }, values) => {
        const count = read.number(values, 'count') ?? 1;
        const LaunchTemplate = { LaunchTemplateId, Version: read.text(values, 'version') };
        const body = { count, launch_template: [{ id: LaunchTemplateId, version: LaunchTemplate.Version }] };
        return [
          {
            ...{ service: 'ec2', operation: 'RunInstances' },
            command: new RunInstancesCommand({ LaunchTemplate, MinCount: count, MaxCount: count }),
            terraform: [{ type: 'aws_instance', name: 'this', body }],
          },
        ];
      },
    },
    {
      ...{ id: 'default', text: 'setDefault', hint: 'setDefaultText' },
      fields: async (template, t) => [await versionField(template, t)],
      actionsOf: ({ LaunchTemplateId }, values) => [
        {
          ...{ service: 'ec2', operation: 'ModifyLaunchTemplate' },
          command: new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: read.text(values, 'version') }),
        },
      ],
    },
    {
      ...{ id: 'delete-version', text: 'deleteVersions', hint: 'deleteVersionsText' },
      when: ({ LatestVersionNumber = 1 }) => LatestVersionNumber > 1,
      fields: async (template, t) => [await versionField(template, t)],
      actionsOf: ({ LaunchTemplateId }, values) => [
        {
          ...{ service: 'ec2', operation: 'DeleteLaunchTemplateVersions' },
          command: new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [read.text(values, 'version') ?? ''] }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ LaunchTemplateId }) => ({
      ...{ service: 'ec2', operation: 'DeleteLaunchTemplate' },
      command: new DeleteLaunchTemplateCommand({ LaunchTemplateId }),
    }),
    warning: 'templateWarning',
  },
});
