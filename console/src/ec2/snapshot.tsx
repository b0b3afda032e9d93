/** One snapshot: its facts, and the volume that can be made of it. */

import Button from '@cloudscape-design/components/button';
import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { fill, useText } from '../language/catalogue.ts';
import { Copyable } from '../resource/detail-page.tsx';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-storage.ts';
import { ResourcePage } from './resource-page.tsx';
import { deletionOf, isSnapshotSettled } from './snapshots.tsx';
import { VolumeState } from './volume-actions.tsx';

export function Snapshot({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const answer = useAnswer(async () => (await ec2().send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots![0]!, [id], 'ec2');
  const snapshot = answer.value;
  useUntil(answer, snapshot !== undefined && isSnapshotSettled(snapshot));
  return (
    <ResourcePage
      id={id}
      resource={snapshot}
      answer={answer}
      actions={
        <>
          <Button iconName="refresh" ariaLabel={s.refresh} onClick={answer.reload} />
          <Button
            variant="primary"
            disabled={snapshot?.State !== 'completed'}
            onClick={() => goTo(hrefOf(['ec2', 'create-volume'], { snapshot: id }))}
          >
            {t.fromSnapshot}
          </Button>
        </>
      }
      facts={[
        { label: e.id, value: <Copyable text={id} /> },
        { label: e.state, value: <VolumeState state={snapshot?.State} /> },
        { label: t.progress, value: snapshot?.Progress },
        { label: t.size, value: fill(t.sizeOf, { size: snapshot?.VolumeSize ?? 0 }) },
        { label: e.volume, value: snapshot?.VolumeId ? <Copyable text={snapshot.VolumeId} /> : '–' },
        { label: t.encrypted, value: snapshot?.Encrypted ? s.yes : s.no },
        { label: e.description, value: snapshot?.Description },
        { label: t.started, value: timeText(snapshot?.StartTime) },
        { label: t.owner, value: snapshot?.OwnerId },
      ]}
      remove={{ list: 'snapshots', actionOf: deletionOf, warning: t.deleteSnapshotWarning }}
    />
  );
}
