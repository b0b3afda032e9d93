/** Images that instances boot from, and templates that say how they are launched. */

import {
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type _InstanceType,
  type CreateImageCommandOutput,
  type CreateLaunchTemplateCommandOutput,
  type Image,
  type LaunchTemplate,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { useText } from '../language/catalogue.ts';
import { JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { ec2, nameOf } from './client.ts';
import { ec2Collection, imageChoices, instanceChoices, only, typeChoices } from './ec2-collection.tsx';
import { messages } from './messages-images.ts';

type Keys = keyof (typeof messages)['en'];

export const images = ec2Collection<Image, Keys>({
  path: 'images',
  messages,
  ...{ title: 'images', emptyTitle: 'imagesEmpty', emptyText: 'imagesEmptyText' },
  load: async () => ({ items: (await ec2().send(new DescribeImagesCommand({ Owners: ['self', 'amazon'] }))).Images ?? [] }),
  find: (id) =>
    only(
      ec2()
        .send(new DescribeImagesCommand({ ImageIds: [id] }))
        .then(({ Images }) => Images),
    ),
  idOf: ({ ImageId }) => ImageId!,
  settled: ({ State }) => State !== 'pending',
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ ImageId }) => ImageId! },
    { id: 'called', header: t.imageName, width: 300, cell: ({ Name }) => <bdi>{Name}</bdi>, text: ({ Name = '' }) => Name },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'owner', header: t.owner, cell: ({ ImageOwnerAlias, OwnerId }) => ImageOwnerAlias ?? OwnerId ?? '' },
    { id: 'architecture', header: t.architecture, width: 140, cell: ({ Architecture }) => Architecture ?? '' },
    { id: 'public', header: t.visibility, width: 130, cell: ({ Public }) => (Public ? t.public : t.private) },
    { id: 'created', header: t.created, cell: ({ CreationDate }) => timeText(CreationDate), text: ({ CreationDate = '' }) => CreationDate },
  ],
  facts: ({ Description, RootDeviceName, BlockDeviceMappings = [] }, t) => [
    { label: t.description, value: <bdi>{Description || '–'}</bdi> },
    { label: t.rootDevice, value: RootDeviceName },
    { label: t.snapshots, value: BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []).join(', ') || '–' },
  ],
  create: {
    ...{ text: 'createImage', hint: 'createImageText' },
    fields: async (t) => [
      { name: 'instance', kind: 'select', label: t.instance, required: true, options: await instanceChoices() },
      { name: 'name', kind: 'text', label: t.imageName, required: true },
      { name: 'description', kind: 'text', label: t.description },
      { name: 'running', kind: 'toggle', label: t.noReboot, description: t.noRebootText },
    ],
    actionsOf: (values) => {
      const [InstanceId, Name] = [read.text(values, 'instance'), read.text(values, 'name')];
      const [Description, NoReboot] = [read.text(values, 'description'), read.flag(values, 'running')];
      const body = { name: Name, source_instance_id: InstanceId, description: Description, snapshot_without_reboot: NoReboot };
      return [
        {
          ...{ service: 'ec2', operation: 'CreateImage' },
          command: new CreateImageCommand({ InstanceId, Name, Description, NoReboot }),
          terraform: [{ type: 'aws_ami_from_instance', name: Name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => (output as CreateImageCommandOutput).ImageId,
  },
  remove: {
    actionOf: ({ ImageId }) => ({ service: 'ec2', operation: 'DeregisterImage', command: new DeregisterImageCommand({ ImageId }) }),
    warning: 'imageWarning',
    allowed: ({ ImageOwnerAlias }) => ImageOwnerAlias === undefined,
  },
});

async function versionsOf(id: string): Promise<readonly LaunchTemplateVersion[]> {
  return (await ec2().send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id }))).LaunchTemplateVersions ?? [];
}

function Versions({ id }: { id: string }) {
  const t = useText(messages);
  const { value, error } = useAnswer(() => versionsOf(id), [id], 'ec2');
  if (error !== undefined) return <FailureAlert error={error} />;
  return value?.map(({ VersionNumber, DefaultVersion, CreateTime, LaunchTemplateData }) => (
    <section key={VersionNumber}>
      <h3>
        {t.version} {VersionNumber} {DefaultVersion && `(${t.standard})`} · {timeText(CreateTime)}
      </h3>
      <JsonView value={LaunchTemplateData} />
    </section>
  ));
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
    { id: 'name', header: t.name, cell: (template) => <bdi>{nameOf(template)}</bdi>, text: nameOf, hidden: true },
    { id: 'default', header: t.standard, width: 130, cell: ({ DefaultVersionNumber }) => DefaultVersionNumber ?? '' },
    { id: 'latest', header: t.latest, width: 130, cell: ({ LatestVersionNumber }) => LatestVersionNumber ?? '' },
    { id: 'created', header: t.created, cell: ({ CreateTime }) => timeText(CreateTime), text: ({ CreateTime }) => Number(CreateTime) },
  ],
  tabs: ({ LaunchTemplateId }, t) => [{ id: 'versions', label: t.versions, content: <Versions id={LaunchTemplateId!} /> }],
  create: {
    ...{ text: 'createTemplate', hint: 'createTemplateText' },
    fields: async (t) => {
      const [choices, types] = await Promise.all([imageChoices(), typeChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.templateName, required: true },
        { name: 'image', kind: 'select', label: t.image, required: true, options: choices },
        { name: 'type', kind: 'select', label: t.type, required: true, initial: 't3.micro', options: types },
      ];
    },
    actionsOf: (values) => {
      const [name, image, type] = [read.text(values, 'name'), read.text(values, 'image'), read.text(values, 'type')];
      const command = new CreateLaunchTemplateCommand({
        ...{ LaunchTemplateName: name, LaunchTemplateData: { ImageId: image, InstanceType: type as _InstanceType } },
      });
      return [
        {
          ...{ service: 'ec2', operation: 'CreateLaunchTemplate', command },
          terraform: [{ type: 'aws_launch_template', name: name ?? 'this', body: { name, image_id: image, instance_type: type } }],
        },
      ];
    },
    made: ([output]) => (output as CreateLaunchTemplateCommandOutput).LaunchTemplate?.LaunchTemplateId,
  },
  remove: {
    actionOf: ({ LaunchTemplateId }) => ({
      ...{ service: 'ec2', operation: 'DeleteLaunchTemplate' },
      command: new DeleteLaunchTemplateCommand({ LaunchTemplateId }),
    }),
    warning: 'templateWarning',
  },
});
