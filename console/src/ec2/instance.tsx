/** One instance: its facts, what protects it, what it stores, what it says. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  GetConsoleOutputCommand,
  type Instance as InstanceFacts,
  type InstanceBlockDeviceMapping,
} from '@aws-sdk/client-ec2';
import { lazy, Suspense, useState } from 'react';
import { textOf } from '../from-shell/cli.ts';
import { Code } from '../from-shell/panel.tsx';
import { useText } from '../language/catalogue.ts';
import { Copyable, type Fact } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import { follow, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { ConfirmAction, instanceActions, InstanceState, isSettled, mayBe, type InstanceAction } from './instance-actions.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages.ts';
import { ResourcePage } from './resource-page.tsx';

/** With what it stands on, it is loaded when somebody wants one. */
const Terminal = lazy(() => import('./terminal.tsx'));

type Texts = (typeof messages)['en'];

async function loadInstance(id: string): Promise<InstanceFacts> {
  const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
}

export function Instance({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadInstance(id), [id], 'ec2');
  const instance = answer.value;
  useUntil(answer, instance !== undefined && isSettled(instance));
  const [asked, setAsked] = useState<InstanceAction>();
  const state = instance?.State?.Name ?? '';
  return (
    <>
      <ResourcePage
        id={id}
        resource={instance}
        answer={answer}
        actions={
          <>
            <Button iconName="refresh" ariaLabel={s.refresh} onClick={answer.reload} />
            {instanceActions.map((action) => (
              <Button key={action} disabled={!instance || !mayBe(action, instance)} onClick={() => setAsked(action)}>
                {t[action]}
              </Button>
            ))}
          </>
        }
        facts={instance ? factsOf(instance, t) : []}
        tabs={[
          { id: 'security', label: t.security, content: <Security instance={instance} /> },
          { id: 'storage', label: t.storage, content: <Storage disks={instance?.BlockDeviceMappings ?? []} /> },
          {
            id: 'terminal',
            label: t.terminal,
            content: (
              <Suspense fallback={<Box color="text-body-secondary">{s.loading}</Box>}>
                <Terminal id={id} state={state} console={<ConsoleOutput id={id} state={state} />} />
              </Suspense>
            ),
          },
          { id: 'user-data', label: t.userData, content: <UserData id={id} /> },
          { id: 'console', label: t.consoleOutput, content: <ConsoleOutput id={id} state={state} /> },
        ]}
      />
      {asked && (
        <ConfirmAction
          action={asked}
          ids={[id]}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            setAsked(undefined);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function factsOf(instance: InstanceFacts, t: Texts): Fact[] {
  const copied = (text: string | undefined) => (text ? <Copyable text={text} /> : '–');
  return [
    { label: t.state, value: <InstanceState instance={instance} /> },
    { label: t.type, value: instance.InstanceType },
    { label: t.zone, value: instance.Placement?.AvailabilityZone },
    { label: t.publicAddress, value: copied(instance.PublicIpAddress) },
    { label: t.privateAddress, value: copied(instance.PrivateIpAddress) },
    { label: t.image, value: copied(instance.ImageId) },
    { label: t.architecture, value: instance.Architecture },
    { label: t.keyPair, value: instance.KeyName ?? '–' },
    { label: t.vpc, value: <IdLink kind="vpcs" id={instance.VpcId} /> },
    { label: t.subnet, value: <IdLink kind="subnets" id={instance.SubnetId} /> },
    { label: t.role, value: instance.IamInstanceProfile?.Arn ?? '–' },
    { label: t.launchTime, value: timeText(instance.LaunchTime) },
    ...(instance.StateReason?.Message ? [{ label: t.reason, value: instance.StateReason.Message }] : []),
  ];
}

function Security({ instance }: { instance: InstanceFacts | undefined }) {
  const t = useText(messages);
  return (
    <Container header={<Header variant="h2">{t.groups}</Header>}>
      <SpaceBetween size="xs">
        {(instance?.SecurityGroups ?? []).map(({ GroupId, GroupName }) => (
          <Link key={GroupId} href={hrefOf(['ec2', 'security-groups', GroupId!])} onFollow={follow}>
            {`${GroupId} (${GroupName})`}
          </Link>
        ))}
      </SpaceBetween>
    </Container>
  );
}

function Storage({ disks }: { disks: readonly InstanceBlockDeviceMapping[] }) {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ResourceTable<InstanceBlockDeviceMapping>
      {...atHand(disks)}
      id="ec2-instance-storage"
      title={t.storage}
      keyOf={({ DeviceName }) => DeviceName!}
      columns={[
        { id: 'device', header: t.device, cell: ({ DeviceName }) => DeviceName },
        {
          id: 'volume',
          header: t.volume,
          cell: ({ Ebs }) => <IdLink kind="volumes" id={Ebs?.VolumeId} />,
          text: ({ Ebs }) => Ebs?.VolumeId ?? '',
        },
        { id: 'state', header: t.attachment, cell: ({ Ebs }) => Ebs?.Status },
        { id: 'goes', header: t.deleteOnTermination, cell: ({ Ebs }) => (Ebs?.DeleteOnTermination ? s.yes : s.no) },
      ]}
      empty={{ title: t.storage, text: s.none }}
    />
  );
}

function UserData({ id }: { id: string }) {
  const t = useText(messages);
  const { value, error } = useAnswer(async () => {
    const { UserData: data } = await ec2().send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'userData' }));
    return textOf(data?.Value ?? '');
  }, [id]);
  return <Written title={t.userData} text={value} error={error} none={t.noUserData} />;
}

/** Read anew whenever the instance comes to another state, and by hand. */
function ConsoleOutput({ id, state }: { id: string; state: string }) {
  const t = useText(messages);
  const { value, error, reload } = useAnswer(async () => {
    const { Output } = await ec2().send(new GetConsoleOutputCommand({ InstanceId: id }));
    return textOf(Output ?? '');
  }, [id, state]);
  return <Written title={t.consoleOutput} text={value} error={error} none={t.noConsoleOutput} onRefresh={reload} />;
}

function Written({
  title,
  text,
  error,
  none,
  onRefresh,
}: {
  title: string;
  text: string | undefined;
  error: unknown;
  none: string;
  onRefresh?: () => void;
}) {
  const s = useText(shared);
  if (error !== undefined) return <FailureAlert error={error} />;
  return (
    <Container
      header={
        <Header variant="h2" {...(onRefresh && { actions: <Button iconName="refresh" ariaLabel={s.refresh} onClick={onRefresh} /> })}>
          {title}
        </Header>
      }
    >
      {text ? <Code text={text} /> : <Box color="text-body-secondary">{text === undefined ? s.loading : none}</Box>}
    </Container>
  );
}
