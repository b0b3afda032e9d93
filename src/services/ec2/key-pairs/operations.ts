/** Key pairs: create, import, describe, delete. The private half is handed out once and kept nowhere. */

import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { ServiceRequest } from '../../../framework/request.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import {
  fingerprintOf,
  keyPairs,
  keyPairType,
  openSshPrivateKey,
  parsePublicKey,
  publicBlob,
  requireKeyPair,
  type KeyPair,
} from './key-pair.ts';

const makePair = promisify(generateKeyPair);
const nameCharactersMax = 255;
const rsaBits = 2048;

const duplicate = () => refusal('InvalidKeyPair.Duplicate')('The keypair already exists');

function checkName(name: string): void {
  if (name === '') throw missingParameter('KeyName');
  if (name.length > nameCharactersMax || !/^[\u0020-\u007e]+$/.test(name))
    throw invalidParameterValue(`Value (${name}) for parameter keyName is invalid.`);
}

export const CreateKeyPair: Operation<'CreateKeyPair'> = async (request, input) => {
  checkName(input.KeyName);
  const type = input.KeyType ?? 'rsa';
  if (type !== 'rsa' && type !== 'ed25519') throw invalidParameterValue(`Value (${type}) for parameter KeyType is invalid.`);
  if (input.KeyFormat !== undefined && input.KeyFormat !== 'pem') throw notBuilt('CreateKeyPair', `KeyFormat ${input.KeyFormat}`);
  const tags = tagsFor(input.TagSpecifications, 'key-pair');
  await refuseDuplicate(request, input.KeyName);
  const made = type === 'rsa' ? await makePair('rsa', { modulusLength: rsaBits }) : await makePair('ed25519');
  const key = createPublicKey(made.privateKey);
  const row = rowOf(request, input.KeyName, type, key, made.privateKey);
  await put(request, { ...row, ...kept(tags) });
  return { ...shown({ ...row, tags }), KeyMaterial: materialOf(request, made.privateKey, key) };
};

function materialOf(request: ServiceRequest, privateKey: KeyObject, key: KeyObject): string {
  if (key.asymmetricKeyType === 'ed25519') return openSshPrivateKey(privateKey, key, request.random.bytes(4));
  return privateKey.export({ format: 'pem', type: 'pkcs1' }).toString().trimEnd();
}

export const ImportKeyPair: Operation<'ImportKeyPair'> = async (request, input) => {
  checkName(input.KeyName);
  const { type, key } = parsePublicKey(input.PublicKeyMaterial);
  const tags = tagsFor(input.TagSpecifications, 'key-pair');
  const row = rowOf(request, input.KeyName, type, key);
  await put(request, { ...row, ...kept(tags) });
  return shown({ ...row, tags });
};

function rowOf(request: ServiceRequest, name: string, type: KeyPair['type'], key: KeyObject, privateKey?: KeyObject): KeyPair {
  const { account, region, now } = request;
  const publicKey = `${type === 'rsa' ? 'ssh-rsa' : 'ssh-ed25519'} ${publicBlob(key).toString('base64')}`;
  const fingerprint = fingerprintOf(key, privateKey);
  return { account, region, id: newId(request.random, 'key'), name, type, fingerprint, publicKey, created: now };
}

async function refuseDuplicate(request: ServiceRequest, name: string): Promise<void> {
  if (await request.store.read((tx) => keyPairs.find(tx, 'name', request.account, request.region, name))) throw duplicate();
}

async function put(request: ServiceRequest, row: KeyPair): Promise<void> {
  await request.store.write(async (tx) => {
    if (await keyPairs.find(tx, 'name', row.account, row.region, row.name)) throw duplicate();
    await keyPairs.put(tx, row);
  });
}

const shown = (row: KeyPair) => ({
  ...{ KeyPairId: row.id, KeyName: row.name, KeyFingerprint: row.fingerprint },
  Tags: row.tags ?? [],
});

const filters: Filters<KeyPair> = {
  fingerprint: (row) => row.fingerprint,
  'key-name': (row) => row.name,
  'key-pair-id': (row) => row.id,
};

export const DescribeKeyPairs: Operation<'DescribeKeyPairs'> = async (request, input) => {
  const { account, region } = request;
  const fits = compileFilters(input.Filters, filters);
  const rows = await request.store.read(async (tx) => {
    const named: KeyPair[] = [];
    for (const name of input.KeyNames ?? []) named.push(await requireKeyPair(tx, request, name));
    for (const id of input.KeyPairIds ?? []) named.push(await requireResource(tx, request, keyPairType, id));
    if (input.KeyNames?.length || input.KeyPairIds?.length) return named;
    return (await keyPairs.scanIndex(tx, 'name', [account, region])).map(({ row }) => row);
  });
  return {
    KeyPairs: rows.filter(fits).map((row) => ({
      ...shown(row),
      ...{ KeyType: row.type, CreateTime: new Date(row.created) },
      ...(input.IncludePublicKey && { PublicKey: row.publicKey }),
    })),
  };
};

/** What is not there is deleted all the same: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html */
export const DeleteKeyPair: Operation<'DeleteKeyPair'> = async (request, input) => {
  const { account, region } = request;
  const { KeyName: name, KeyPairId: id } = input;
  if (name === undefined && id === undefined) throw missingParameter('KeyName');
  return request.store.write(async (tx) => {
    const row = id === undefined ? await keyPairs.find(tx, 'name', account, region, name!) : await keyPairs.get(tx, account, region, id);
    if (!row) return { Return: true };
    await keyPairs.delete(tx, account, region, row.id);
    return { Return: true, KeyPairId: row.id };
  });
};
