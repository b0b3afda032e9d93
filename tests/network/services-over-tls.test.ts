/** SDKs inside of VPCs that are told no endpoint: AWS's own names, over TLS, by every way there is. */

import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { rootOf } from '../live-cloud.ts';
import { Bucket, inside, userKey } from './callers.ts';
import { account, missing, openGround, type Machine } from './ground.ts';
import { layPublicAndPrivate } from './public-and-private.ts';

const calls = `
  const queues = () => outcome(new SQSClient(asUsual).send(new ListQueuesCommand({})));
  const read = () => outcome(new S3Client(asUsual).send(new GetObjectCommand({ Bucket: '${Bucket}', Key: 'a' })));
  const tables = () => outcome(new DynamoDBClient(asUsual).send(new ListTablesCommand({})));
`;

test('SDKs reach services by their own names, through internet and NAT gateways and endpoints', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { ec2, cloud } = ground;
  const key = await userKey(ground);
  const s3 = cloud.client(S3Client, { credentials: rootOf(account) });
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'inside' }));
  const { VpcId, publicMachine, privateMachine, tables, subnets, nat } = await layPublicAndPrivate(ground);
  const [, privateTable] = tables;
  const authority = await cloud.cloud.host.networks.authority();
  const all = (machine: Machine): Promise<unknown> =>
    inside(machine, `${calls} return [await queues(), await read(), await tables()]`, key, authority);
  assert.deepEqual(await all(publicMachine), ['ok', 'ok', 'ok']);
  assert.deepEqual(await all(privateMachine), ['ok', 'ok', 'ok']);

  // Services see who asks: what is behind a NAT gateway has its address, and it is TLS.
  const deny = (Condition: object) => ({
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
    Condition,
  });
  const Statement = [deny({ NotIpAddress: { 'aws:SourceIp': `${nat.address}/32` } }), deny({ Bool: { 'aws:SecureTransport': 'false' } })];
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
  const read = (machine: Machine): Promise<unknown> => inside(machine, `${calls} return read()`, key, authority);
  assert.deepEqual(await Promise.all([read(privateMachine), read(publicMachine)]), ['ok', 'AccessDenied']);

  // Who does not trust the authority is not deceived, and the authority vouches for AWS's names alone.
  const distrusting = await inside(privateMachine, `${calls} return queues()`, key, await foreignAuthority());
  assert.notEqual(distrusting, 'ok');
  const shown = `
    const { connect } = await import('node:tls');
    const names = (servername) => new Promise((done) => {
      const socket = connect({ host: '100.65.0.1', port: 443, servername, ca: ${JSON.stringify(authority)} }, () => {
        done(socket.getPeerCertificate().subjectaltname);
        socket.destroy();
      }).on('error', () => done('refused'));
    });
    return [await names('iam.amazonaws.com'), await names('www.example.com')]`;
  assert.deepEqual(await inside(publicMachine, shown, key), ['DNS:amazonaws.com, DNS:*.amazonaws.com', 'refused']);

  // Endpoints answer in the same way, where there is no other.
  await ec2.send(new Ec2.DeleteRouteCommand({ RouteTableId: privateTable, DestinationCidrBlock: '0.0.0.0/0' }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: [Statement[1]] }) }));
  const ServiceName = 'com.amazonaws.us-east-1';
  await ec2.send(new Ec2.CreateVpcEndpointCommand({ VpcId, ServiceName: `${ServiceName}.s3`, RouteTableIds: [privateTable] }));
  await ec2.send(
    new Ec2.CreateVpcEndpointCommand({ VpcId, VpcEndpointType: 'Interface', ServiceName: `${ServiceName}.sqs`, SubnetIds: [subnets[1]] }),
  );
  await ground.settled();
  assert.deepEqual(await inside(privateMachine, `${calls} return [await queues(), await read()]`, key, authority), ['ok', 'ok']);

  // The key lies where only its owner reads, and is the same after a restart.
  const directory = join(cloud.cloud.dataDirectory, 'authority');
  assert.deepEqual(await readdir(directory), ['ca-key.pem', 'ca.pem']);
  assert.equal((await stat(join(directory, 'ca-key.pem'))).mode & 0o77, 0);
  assert.equal(await readFile(join(directory, 'ca.pem'), 'utf8'), authority);
  await ground.restart();
  assert.equal(await ground.cloud.cloud.host.networks.authority(), authority);
  assert.deepEqual(await inside(privateMachine, `${calls} return [await queues(), await read()]`, key, authority), ['ok', 'ok']);
});

/** Another cloud's. */
async function foreignAuthority(): Promise<string> {
  const other = await openGround();
  const authority = await other.cloud.cloud.host.networks.authority();
  await other.close();
  return authority;
}
