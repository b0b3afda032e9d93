/** Parameter Store against a small model: whatever is written, labelled and deleted, what is read is the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as S from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';

type Known = { versions: string[]; labels: Map<string, number> };

const names = ['/a', '/a/b', '/a/b/c', '/a0', '/b/c', 'a'];
const step = fc.oneof(
  fc.record({ do: fc.constant('put' as const), name: fc.constantFrom(...names), value: fc.string({ minLength: 1, maxLength: 8 }) }),
  fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom(...names) }),
  fc.record({
    do: fc.constant('label' as const),
    name: fc.constantFrom(...names),
    version: fc.integer({ min: 1, max: 3 }),
    label: fc.constantFrom('x', 'y'),
  }),
);

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => error.name,
  );

test('what was written is what is read, by name, version, label and path', async (t) => {
  const cloud = await startCloud({ host: simulatedHost() });
  t.after(() => cloud.close());
  const ssm = cloud.client(S.SSMClient);
  let run = 0;
  const follow = async (steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): Promise<void> => {
    const root = `/run${run++}`;
    const at = (name: string): string => (name.startsWith('/') ? root + name : `${root.slice(1)}-${name}`);
    const model = new Map<string, Known>();
    for (const one of steps) {
      const Name = at(one.name);
      const known = model.get(Name);
      if (one.do === 'put') {
        await ssm.send(new S.PutParameterCommand({ Name, Value: `=${one.value}`, Type: 'String', Overwrite: true }));
        model.set(Name, { versions: [...(known?.versions ?? []), `=${one.value}`], labels: known?.labels ?? new Map() });
      } else if (one.do === 'delete') {
        assert.equal(await codeOf(ssm.send(new S.DeleteParameterCommand({ Name }))), known ? 'done' : 'ParameterNotFound');
        model.delete(Name);
      } else {
        const call = new S.LabelParameterVersionCommand({ Name, ParameterVersion: one.version, Labels: [one.label] });
        const is = !known ? 'ParameterNotFound' : one.version > known.versions.length ? 'ParameterVersionNotFound' : 'done';
        assert.equal(await codeOf(ssm.send(call)), is);
        if (is === 'done') known!.labels.set(one.label, one.version);
      }
    }
    await compare(root, model);
  };
  const compare = async (root: string, model: ReadonlyMap<string, Known>): Promise<void> => {
    for (const [Name, { versions, labels }] of model) {
      const { Parameters } = await ssm.send(new S.GetParameterHistoryCommand({ Name }));
      assert.deepEqual(
        Parameters!.map(({ Value }) => Value),
        versions,
      );
      for (const [label, version] of labels) {
        const { Parameter } = await ssm.send(new S.GetParameterCommand({ Name: `${Name}:${label}` }));
        assert.deepEqual([Parameter!.Version, Parameter!.Value], [version, versions[version - 1]]);
      }
    }
    for (const folder of [root, `${root}/a`, `${root}/a/b`])
      for (const Recursive of [true, false]) {
        const there = [...model].filter(
          ([name]) => name.startsWith(`${folder}/`) && (Recursive || !name.slice(folder.length + 1).includes('/')),
        );
        const found: [string, string][] = [];
        for await (const { Parameters } of S.paginateGetParametersByPath({ client: ssm, pageSize: 2 }, { Path: folder, Recursive }))
          found.push(...Parameters!.map(({ Name, Value }): [string, string] => [Name!, Value!]));
        assert.deepEqual(found, there.map(([name, { versions }]): [string, string] => [name, versions.at(-1)!]).sort());
      }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 15 }), follow), { numRuns: 40 });
});
