/** The tags of any resource of EC2. */

import { CreateTagsCommand, DeleteTagsCommand, DescribeTagsCommand } from '@aws-sdk/client-ec2';
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
      save={async (set, removed) => {
        if (removed.length > 0) await ec2().send(new DeleteTagsCommand({ Resources: [id], Tags: removed.map((Key) => ({ Key })) }));
        if (set.length > 0) await ec2().send(new CreateTagsCommand({ Resources: [id], Tags: [...set] }));
      }}
    />
  );
}
