/** The form that launches instances: what runs, on what, where, and who may reach it. */

import { RunInstancesCommand, type RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, tagged, terraformTags } from './client.ts';
import {
  furtherFields,
  imageAndType,
  launchInputOf,
  loadLaunchChoices,
  terraformOfInstance,
  usualType,
  type LaunchChoices,
} from './launch-fields.ts';
import { LaunchPrice } from './launch-price.tsx';
import { messages } from './messages.ts';
import { messages as launchMessages } from './messages-launch.ts';

function actionsOf(values: Values, choices: LaunchChoices): Action[] {
  const [name, count] = [read.text(values, 'name'), read.number(values, 'count') ?? 1];
  const input = launchInputOf(values, choices);
  const command = new RunInstancesCommand({ ...input, MinCount: count, MaxCount: count, ...tagged('instance', name) });
  const body = {
    count: count > 1 ? count : undefined,
    ...terraformOfInstance(input, read.text(values, 'userData')),
    tags: terraformTags(name),
  };
  return [{ service: 'ec2', operation: 'RunInstances', command, terraform: [{ type: 'aws_instance', name: name ?? 'this', body }] }];
}

export function LaunchInstances() {
  const t = useText(messages);
  const l = useText(launchMessages);
  const answer = useAnswer(loadLaunchChoices, []);
  const choices = answer.value;
  if (!choices) return <DetailPage name={t.launch} answer={answer} />;
  const words = { ...t, ...l };
  const fields: Field[] = [
    { name: 'name', kind: 'text', label: t.name, section: t.machine },
    ...imageAndType(words, choices, false),
    { name: 'count', kind: 'number', label: t.count, initial: '1', min: 1, max: 100, required: true },
    ...furtherFields(words, choices),
  ];
  return (
    <ActionForm
      title={t.launch}
      description={t.launchText}
      fields={fields}
      submit={t.launch}
      actionsOf={(values) => actionsOf(values, choices)}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'instances']))}
      onDone={([output]) => {
        const made = (output as RunInstancesCommandOutput).Instances ?? [];
        const ids = made.map(({ InstanceId }) => InstanceId!);
        notify({ type: 'success', content: fill(t.launched, { ids: ids.join(', ') }) });
        goTo(hrefOf(ids.length === 1 ? ['ec2', 'instances', ids[0]!] : ['ec2', 'instances']));
      }}
    >
      {(values) => <LaunchPrice type={read.text(values, 'type') ?? usualType} count={read.number(values, 'count') ?? 1} />}
    </ActionForm>
  );
}
