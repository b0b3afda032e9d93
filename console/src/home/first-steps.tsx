/** The first steps of a newcomer, each ticked off once the audit trail tells that it was taken. */

import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import { fill, useText } from '../language/catalogue.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { messages } from './messages.ts';

/** A step, where it is taken, and the event that tells of it; a denial is any change that was refused. */
const steps = [
  { text: 'stepBucket', to: ['s3', 'create'], event: 'CreateBucket' },
  { text: 'stepUser', to: ['iam', 'users', 'create'], event: 'CreateUser' },
  { text: 'stepQueue', to: ['sqs', 'create'], event: 'CreateQueue' },
  { text: 'stepTable', to: ['dynamodb', 'create'], event: 'CreateTable' },
  { text: 'stepTopic', to: ['sns', 'create'], event: 'CreateTopic' },
  { text: 'stepInstance', to: ['ec2', 'launch'], event: 'RunInstances' },
  { text: 'stepMap', to: ['ec2', 'map'], event: 'CreateNetworkInsightsPath' },
  { text: 'stepDenied', to: ['iam', 'denied'], event: undefined },
] as const;

async function stepsTaken(): Promise<ReadonlySet<string>> {
  const { isDenial, newestEvents } = await import('../trail/events.ts');
  const asked = await Promise.all(
    steps.map(async ({ text, event }) => {
      // Of what only asks there is too much: the pages' own questions.
      const attribute = event
        ? ({ AttributeKey: 'EventName', AttributeValue: event } as const)
        : ({ AttributeKey: 'ReadOnly', AttributeValue: 'false' } as const);
      const { events } = await newestEvents({ attributes: [attribute], max: event ? 5 : 50 });
      return events.some((one) => (event ? !one.error : isDenial(one))) ? [text] : [];
    }),
  );
  return new Set(asked.flat());
}

export function FirstSteps() {
  const t = useText(messages);
  // Whoever may not look into the trail sees the steps without ticks.
  const taken = useAnswer(stepsTaken, []).value;
  const count = taken?.size ?? 0;
  return (
    <Container
      header={
        <Header variant="h2" description={t.stepsText}>
          {t.steps}
        </Header>
      }
    >
      {taken && (
        <label className="steps-taken">
          {fill(t.stepsTaken, { count, all: steps.length })}
          <progress value={count} max={steps.length} />
        </label>
      )}
      <ol className="steps">
        {steps.map(({ text, to }) => (
          <li key={text} data-taken={taken?.has(text) ?? false}>
            <Link href={hrefOf(to)} onFollow={follow}>
              {t[text]}
            </Link>
            {taken?.has(text) && <span> ✓ {t.stepTaken}</span>}
          </li>
        ))}
      </ol>
    </Container>
  );
}
