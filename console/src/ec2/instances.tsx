/** All instances of a region. */

import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { ResourceTable, type Page } from '../resource/resource-table.tsx';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, nameOf } from './client.ts';
import { ConfirmAction, instanceActions, InstanceState, isSettled, mayBe, type InstanceAction } from './instance-actions.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages.ts';

const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'];

async function loadInstances(state: string, after: string | undefined): Promise<Page<Instance>> {
  const { Reservations = [], NextToken } = await ec2().send(
    new DescribeInstancesCommand({
      MaxResults: 100,
      ...(state && { Filters: [{ Name: 'instance-state-name', Values: [state] }] }),
      ...(after && { NextToken: after }),
    }),
  );
  return { items: Reservations.flatMap(({ Instances = [] }) => Instances), next: NextToken };
}

export function Instances() {
  const t = useText(messages);
  const [state, setState] = useState('');
  const [asked, setAsked] = useState<{ action: InstanceAction; ids: string[] }>();
  // A list that is filtered and one that was acted on are other lists.
  const [turn, setTurn] = useState(0);
  const launch = (): void => goTo(hrefOf(['ec2', 'launch']));
  const options = ['', ...states].map((value) => ({ value, label: value || t.allStates }));
  return (
    <>
      <ResourceTable<Instance>
        id="ec2-instances"
        title={t.instances}
        live="ec2"
        on={[state, turn]}
        settled={(items) => items.every(isSettled)}
        load={(after) => loadInstances(state, after)}
        keyOf={({ InstanceId }) => InstanceId!}
        columns={[
          {
            id: 'id',
            header: t.id,
            width: 200,
            cell: ({ InstanceId }) => <IdLink kind="instances" id={InstanceId} />,
            text: ({ InstanceId }) => InstanceId!,
          },
          { id: 'name', header: t.name, cell: nameOf },
          {
            id: 'state',
            header: t.state,
            width: 140,
            cell: (instance) => <InstanceState instance={instance} />,
            text: ({ State }) => State?.Name ?? '',
          },
          { id: 'type', header: t.type, width: 120, cell: ({ InstanceType }) => InstanceType },
          { id: 'zone', header: t.zone, cell: ({ Placement }) => Placement?.AvailabilityZone },
          { id: 'public', header: t.publicAddress, cell: ({ PublicIpAddress }) => PublicIpAddress ?? '–' },
          { id: 'private', header: t.privateAddress, cell: ({ PrivateIpAddress }) => PrivateIpAddress ?? '–' },
          { id: 'key', header: t.keyPair, hidden: true, cell: ({ KeyName }) => KeyName ?? '–' },
          {
            id: 'launched',
            header: t.launchTime,
            cell: ({ LaunchTime }) => timeText(LaunchTime),
            text: ({ LaunchTime }) => Number(LaunchTime),
          },
        ]}
        empty={{ title: t.instancesEmpty, text: t.instancesEmptyText, action: <Button onClick={launch}>{t.launch}</Button> }}
        create={{ text: t.launch, onClick: launch }}
        headerExtra={
          <Select
            options={options}
            selectedOption={options.find(({ value }) => value === state)!}
            ariaLabel={t.state}
            onChange={({ detail }) => setState(detail.selectedOption.value ?? '')}
          />
        }
        actions={instanceActions.map((action) => ({
          id: action,
          text: t[action],
          many: true,
          disabled: (items) => !items.every((instance) => mayBe(action, instance)),
          run: (items) => setAsked({ action, ids: items.map(({ InstanceId }) => InstanceId!) }),
        }))}
      />
      {asked && (
        <ConfirmAction
          {...asked}
          onCancel={() => setAsked(undefined)}
          onDone={() => {
            setAsked(undefined);
            setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}
