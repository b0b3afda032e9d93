/** Programs inside of the machines of network tests, which call the cloud's services from there. */

import { spawn } from 'node:child_process';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { rootOf, type Credentials } from '../live-cloud.ts';
import { account, type Ground, type Machine } from './ground.ts';

export const Bucket = 'seen-from-inside';

/**
 * What a program prints inside of a machine: a module with the SDKs at hand, `resolve`, `outcome`, and `asUsual` for clients that are told no
 * endpoint and trust an authority, as those of an image do.
 */
export function inside(
  { namespace }: Machine,
  script: string,
  { accessKeyId, secretAccessKey }: Credentials,
  authority = '',
): Promise<unknown> {
  const module = `
    import { Agent } from 'node:https';
    import { Resolver } from 'node:dns/promises';
    import { S3Client, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
    import { SQSClient, ListQueuesCommand } from '@aws-sdk/client-sqs';
    import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
    const resolver = new Resolver({ timeout: 5000, tries: 4 });
    resolver.setServers(['169.254.169.253']);
    const resolve = (name) => resolver.resolve4(name).catch((error) => error.code);
    const options = (endpoint) => ({ endpoint, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1,
      credentials: ${JSON.stringify({ accessKeyId, secretAccessKey })}, requestHandler: { requestTimeout: 20000, connectionTimeout: 6000 } });
    const outcome = (call) => call.then(() => 'ok', (error) => error.name);
    const read = (address, from = S3Client) =>
      outcome(new S3Client(options('http://' + address)).send(new GetObjectCommand({ Bucket: '${Bucket}', Key: 'a' })));
    const queues = (address) => outcome(new SQSClient(options('http://' + address)).send(new ListQueuesCommand({})));
    const tables = (address) => outcome(new DynamoDBClient(options('http://' + address)).send(new ListTablesCommand({})));
    const status = (url) => fetch(url, { signal: AbortSignal.timeout(20000) }).then((answer) => answer.status, () => 'nothing');
    const lookup = (name, options, done) => resolver.resolve4(name).then(
      (found) => (options.all ? done(null, found.map((address) => ({ address, family: 4 }))) : done(null, found[0], 4)), done);
    const { endpoint: _none, forcePathStyle: _neither, ...usual } = options('');
    const httpsAgent = new Agent({ lookup, ca: ${JSON.stringify(authority)} });
    const asUsual = { ...usual, requestHandler: { ...usual.requestHandler, httpsAgent } };
    console.log(JSON.stringify(await (async () => { ${script} })()));`;
  return new Promise((done, fail) => {
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '--input-type=module', '-e', module], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: import.meta.dirname,
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done(JSON.parse(output)) : fail(new Error(errors))));
  });
}

export async function userKey({ cloud }: Ground): Promise<Credentials> {
  const iam = cloud.client(IAMClient, { credentials: rootOf(account) });
  await iam.send(new CreateUserCommand({ UserName: 'inside' }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'inside', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'inside' }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}
