/** The compiled models: the same from the same packages, complete, and cheap to load. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { loadModel, modelIndex } from '../../src/protocols/models.ts';
import { drivenClient } from './sdk-client.ts';

const script = path.resolve(import.meta.dirname, '../../scripts/compile-models.ts');
const scratch = mkdtempSync(path.join(tmpdir(), 'haneul-models-'));

after(() => rmSync(scratch, { recursive: true }));

function compiled(name: string): string {
  const directory = path.join(scratch, name);
  execFileSync(process.execPath, [script, directory]);
  return directory;
}

describe('compile-models', () => {
  test('gives the same files each time, and leaves them alone when nothing has changed', () => {
    const [first, second] = [compiled('first'), compiled('second')];
    const files = readdirSync(first).sort();
    assert.deepEqual(files, readdirSync(second).sort());
    for (const file of files)
      assert.equal(readFileSync(path.join(first, file), 'utf8'), readFileSync(path.join(second, file), 'utf8'), file);
    const written = statSync(path.join(first, 's3.json')).mtimeMs;
    execFileSync(process.execPath, [script, first]);
    assert.equal(statSync(path.join(first, 's3.json')).mtimeMs, written);
  });
});

describe('models', () => {
  test('every operation and error of every client is there', () => {
    for (const { name } of modelIndex()) {
      const { sdk } = drivenClient(name, undefined);
      const model = loadModel(name);
      const commands = Object.keys(sdk)
        .filter((key) => /^[A-Z]\w*Command$/.test(key))
        .map((key) => key.slice(0, -'Command'.length));
      assert.deepEqual([...model.operations.keys()].sort(), commands.sort(), name);
      for (const error of model.errors.keys()) assert.equal(typeof sdk[error], 'function', `${name} ${error}`);
    }
  });

  test('an unknown service is an error, not a path', () => {
    for (const name of ['nothing', '../package', '__proto__', '']) assert.throws(() => loadModel(name), /there is no model/);
  });

  test('facts that schemas do not carry', () => {
    const unsigned = (service: string) =>
      [...loadModel(service).operations.values()].filter((operation) => operation.unsigned).map((operation) => operation.name);
    assert.deepEqual(unsigned('sts'), ['AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity']);
    assert.deepEqual(unsigned('s3'), []);
    assert.ok(unsigned('cognito-identity-provider').includes('InitiateAuth'));
    const protocols = Object.fromEntries(modelIndex().map((summary) => [summary.name, summary.protocols]));
    assert.deepEqual(protocols['sqs'], ['awsJson1_0', 'awsJson1_1', 'rpcv2Cbor', 'awsQuery']);
    assert.ok(protocols['cloudwatch']?.includes('rpcv2Cbor') && protocols['cloudwatch'].includes('awsQuery'));
    assert.equal(loadModel('sqs').xmlNamespace, 'http://queue.amazonaws.com/doc/2012-11-05/');
    assert.equal(loadModel('route-53').signingName, 'route53');
  });
});
