/** Queues against a small model: nothing lost, nothing twice, order within groups, visibility to the millisecond. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Aws } from '../../../framework/clients.ts';
import { rootUser } from '../../../framework/principal.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let sqs: Aws['sqs'];
before(async () => {
  cloud = await startCloud({ rehearse: false });
  sqs = cloud.cloud.awsAs(rootUser('000000000000'), { account: '000000000000', region: 'us-east-1' }).sqs;
});
after(() => cloud.close());

type Kept = { id: string; group: string; visibleAt: number; handle?: string };
type Step =
  | { do: 'send'; group: string; token: number; delay: number }
  | { do: 'receive'; count: number; hidden: number }
  | { do: 'delete' | 'hide'; which: number; seconds: number }
  | { do: 'advance'; seconds: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        group: fc.constantFrom('a', 'b', 'c'),
        token: fc.nat(12),
        delay: fc.constantFrom(0, 0, 3),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('receive' as const),
        count: fc.integer({ min: 1, max: 4 }),
        hidden: fc.constantFrom(0, 2, 5),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('delete' as const, 'hide' as const),
        which: fc.nat(30),
        seconds: fc.constantFrom(0, 1, 7),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(1, 2, 200) }) },
  ),
  { minLength: 5, maxLength: 40 },
);

let made = 0;

for (const fifo of [false, true]) {
  test(`a ${fifo ? 'FIFO' : 'standard'} queue does as its model`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) => play(list, fifo)),
      { numRuns: 150, verbose: true },
    );
  });
}

type Play = {
  url: string;
  fifo: boolean;
  kept: Kept[];
  handles: { id: string; handle: string }[];
  seen: Map<string, { id: string; until: number }>;
};

async function play(list: readonly Step[], fifo: boolean): Promise<void> {
  const name = `model-${made++}${fifo ? '.fifo' : ''}`;
  const { QueueUrl } = await sqs('CreateQueue', { QueueName: name, ...(fifo && { Attributes: { FifoQueue: 'true' } }) });
  const state: Play = { url: QueueUrl!, fifo, kept: [], handles: [], seen: new Map() };
  for (const step of list) {
    if (step.do === 'send') await send(state, step);
    else if (step.do === 'receive') await receive(state, step.count, step.hidden);
    else if (step.do === 'advance') await cloud.advance(step.seconds * 1000);
    else await useHandle(state, step);
  }
  await cloud.advance(60_000);
  for (let rounds = 0; state.kept.length > 0; rounds++) {
    assert.ok(rounds < 100, `${state.kept.length} messages are lost`);
    await receive(state, 10, 30);
    for (const { id, handle } of state.kept.filter((kept) => kept.handle !== undefined)) await remove(state, id, handle!);
  }
  assert.deepEqual((await sqs('ReceiveMessage', { QueueUrl: state.url })).Messages, undefined);
  const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl: state.url, AttributeNames: ['ApproximateNumberOfMessages'] });
  assert.equal(Attributes?.['ApproximateNumberOfMessages'], '0');
}

async function send(state: Play, { group, token, delay }: Extract<Step, { do: 'send' }>): Promise<void> {
  const now = cloud.cloud.clock.now();
  const input = { QueueUrl: state.url, MessageBody: `body ${token}` };
  if (!state.fifo) {
    const { MessageId } = await sqs('SendMessage', { ...input, DelaySeconds: delay, ...(group !== 'a' && { MessageGroupId: group }) });
    state.kept.push({ id: MessageId!, group: MessageId!, visibleAt: now + delay * 1000 });
    return;
  }
  const { MessageId } = await sqs('SendMessage', { ...input, MessageGroupId: group, MessageDeduplicationId: String(token) });
  const seen = state.seen.get(String(token));
  if (seen && seen.until > now) return assert.equal(MessageId, seen.id, 'a duplicate has the id of the first');
  state.seen.set(String(token), { id: MessageId!, until: now + 300_000 });
  state.kept.push({ id: MessageId!, group, visibleAt: now });
}

/** In a FIFO queue each group gives its messages from the front, up to the first that is hidden. */
function available(state: Play, now: number): Kept[] {
  const closed = new Set<string>();
  return state.kept.filter((one) => {
    if (one.visibleAt > now) closed.add(one.group);
    return !closed.has(one.group);
  });
}

async function receive(state: Play, count: number, hidden: number): Promise<void> {
  const now = cloud.cloud.clock.now();
  const free = available(state, now);
  const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl: state.url, MaxNumberOfMessages: count, VisibilityTimeout: hidden });
  assert.equal(Messages.length, Math.min(count, free.length), 'as many as were asked for and there are');
  assert.equal(new Set(Messages.map(({ MessageId }) => MessageId)).size, Messages.length, 'none twice in one answer');
  const front = new Map<string, number>();
  for (const { MessageId, ReceiptHandle } of Messages) {
    const one = free.find(({ id }) => id === MessageId);
    assert.ok(one, 'only what is visible');
    if (state.fifo) {
      const place = front.get(one.group) ?? 0;
      assert.equal(free.filter(({ group }) => group === one.group)[place]?.id, one.id, 'in the order of the group');
      front.set(one.group, place + 1);
    }
    one.visibleAt = now + hidden * 1000;
    one.handle = ReceiptHandle!;
    state.handles.push({ id: one.id, handle: ReceiptHandle! });
  }
}

async function useHandle(state: Play, step: Extract<Step, { do: 'delete' | 'hide' }>): Promise<void> {
  const chosen = state.handles[step.which % Math.max(1, state.handles.length)];
  if (!chosen) return;
  const now = cloud.cloud.clock.now();
  const one = state.kept.find(({ id }) => id === chosen.id);
  const held = one !== undefined && (!state.fifo || one.handle === chosen.handle) && one.visibleAt > now;
  if (step.do === 'delete') {
    const refused = state.fifo && one && !held;
    if (refused) await assert.rejects(sqs('DeleteMessage', { QueueUrl: state.url, ReceiptHandle: chosen.handle }), /has expired/);
    else await remove(state, chosen.id, chosen.handle);
    return;
  }
  const change = sqs('ChangeMessageVisibility', { QueueUrl: state.url, ReceiptHandle: chosen.handle, VisibilityTimeout: step.seconds });
  if (!one) return assert.rejects(change, /Message does not exist/);
  await change;
  if (held) one.visibleAt = now + step.seconds * 1000;
}

async function remove(state: Play, id: string, handle: string): Promise<void> {
  await sqs('DeleteMessage', { QueueUrl: state.url, ReceiptHandle: handle });
  state.kept = state.kept.filter((one) => one.id !== id || (state.fifo && one.handle !== handle));
}
