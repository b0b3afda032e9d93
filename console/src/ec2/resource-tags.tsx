/** The tags of any resource of EC2. */

import { CreateTagsCommand, DeleteTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-ec2';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { ec2 } from './client.ts';

export function ResourceTags({ id }: { id: string }) {
  return (
    <TagsTab
      live="ec2"
      load={async () => {
        const { Tags = [] } = await ec2().send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }));
        return Tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
      }}
      actionsOf={({ set, removed }) =>
        tagActions('ec2', {
          removed: removed.length > 0 && ['DeleteTags', new DeleteTagsCommand({ Resources: [id], Tags: removed.map((Key) => ({ Key })) })],
          set: set.length > 0 && ['CreateTags', new CreateTagsCommand({ Resources: [id], Tags: [...set] })],
          terraform: set.map(({ Key, Value }) => ({
            type: 'aws_ec2_tag',
            name: `${id}_${Key}`,
            body: { resource_id: id, key: Key, value: Value },
          })),
        })
      }
      send={(command) => ec2().send(command)}
    />
  );
}
