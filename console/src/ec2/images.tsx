/** Images that instances boot from. */

import {
  CreateImageCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  type CreateImageCommandOutput,
  type Image,
} from '@aws-sdk/client-ec2';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { ec2 } from './client.ts';
import { ec2Collection, instanceChoices, only } from './ec2-collection.tsx';
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
    { id: 'called', header: t.imageName, width: 300, cell: ({ Name }) => Name ?? '' },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'owner', header: t.owner, cell: ({ ImageOwnerAlias, OwnerId }) => ImageOwnerAlias ?? OwnerId ?? '' },
    { id: 'architecture', header: t.architecture, width: 140, cell: ({ Architecture }) => Architecture ?? '' },
    { id: 'public', header: t.visibility, width: 130, cell: ({ Public }) => (Public ? t.public : t.private) },
    { id: 'created', header: t.created, cell: ({ CreationDate }) => timeText(CreationDate), text: ({ CreationDate = '' }) => CreationDate },
  ],
  facts: ({ Description, RootDeviceName, BlockDeviceMappings = [] }, t) => [
    { label: t.description, value: Description || '–' },
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
