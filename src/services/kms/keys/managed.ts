/** Keys that AWS keeps for an account: `alias/aws/s3` and its kin, made when they are first named. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { managedPolicy } from '../key-policies/policy.ts';
import { dayMilliseconds, rotationDaysDefault } from '../limits.ts';
import { newMaterial } from '../materials/material.ts';
import { aliases, keyPolicies, keys, materials, type Key, type Material } from '../tables.ts';

/** The services whose keys AWS keeps, by the last part of the alias, with what the key's description says of them. */
const described = new Map(
  Object.entries({
    acm: 'ACM private keys',
    backup: 'Backup vault data',
    dynamodb: 'DynamoDB',
    ebs: 'EBS volumes',
    elasticfilesystem: 'EFS file systems',
    glue: 'Glue Data Catalog',
    kinesis: 'Kinesis streams',
    lambda: 'Lambda environment variables',
    rds: 'RDS databases',
    redshift: 'Redshift clusters',
    s3: 'S3 objects',
    secretsmanager: 'secrets',
    sns: 'SNS topics',
    sqs: 'SQS queues',
    ssm: 'SSM parameters',
  }),
);

/** The service of an alias that AWS keeps, or undefined. */
export function managedService(alias: string): string | undefined {
  const name = alias.startsWith('alias/aws/') ? alias.slice('alias/aws/'.length) : '';
  return described.has(name) ? name : undefined;
}

/** Makes the key of an alias that AWS keeps, unless it is there. */
export async function makeManagedKey(request: ServiceRequest, alias: string): Promise<void> {
  const service = managedService(alias)!;
  const { account, region, now } = request;
  const id = request.random.uuid();
  const material = await newMaterial(request, { id, spec: 'SYMMETRIC_DEFAULT' }, { version: 1, created: now });
  const key: Key = {
    ...{ account, region, id, created: now },
    description: `Default key that protects my ${described.get(service)} when no other key is defined`,
    ...{ spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', manager: 'AWS', state: 'Enabled' },
    ...{ policy: request.random.uuid(), version: 1, material: material.id },
    rotation: { days: rotationDaysDefault, nextAt: now + rotationDaysDefault * dayMilliseconds },
  };
  await request.store.write(async (tx) => {
    if (await aliases.get(tx, account, region, alias)) return;
    // EBS's key is used by EC2 on the account's behalf, and by EBS's direct API.
    await writeKey(tx, key, material, managedPolicy(account, region, service === 'ebs' ? ['ec2', 'ebs'] : [service]));
    await aliases.put(tx, { account, region, name: alias, key: id, created: now, updated: now });
  });
}

/** Writes a new key with its material and policy. */
export async function writeKey(tx: WriteTransaction, key: Key, material: Material, policy: string): Promise<void> {
  const { account, region, id } = key;
  await keys.put(tx, key);
  await materials.put(tx, material);
  await keyPolicies.put(tx, { account, region, key: id, text: policy, revision: key.policy });
}
