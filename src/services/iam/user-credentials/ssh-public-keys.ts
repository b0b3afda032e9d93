/** SSH public keys of users, for CodeCommit. */

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { uniqueId } from '../../../framework/access-key-id.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { noSuchEntity, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { sshPublicKeys, type SshPublicKey } from '../tables.ts';
import { requireCredentialOwner, requireUser } from '../users/user.ts';

const invalidKey = (): AwsError => new AwsError('InvalidPublicKey', 'The public key is malformed or otherwise invalid.');

/** An RSA key from `ssh-rsa AAAA…` or PEM. Throws InvalidPublicKey. */
function readKey(text: string): { key: KeyObject; blob: Buffer } {
  const body = text.trim();
  try {
    if (!body.startsWith('ssh-rsa ')) {
      const key = createPublicKey(body);
      return { key, blob: sshBlob(key) };
    }
    const blob = Buffer.from(body.split(/\s+/)[1] ?? '', 'base64');
    const [, exponent, modulus] = sshFields(blob);
    const key = createPublicKey({
      format: 'jwk',
      key: { kty: 'RSA', e: exponent!.toString('base64url'), n: modulus!.toString('base64url') },
    });
    return { key, blob };
  } catch {
    throw invalidKey();
  }
}

/** The length-prefixed fields of an SSH key: RFC 4253, section 6.6. */
function sshFields(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) throw invalidKey();
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  // A number whose first bit is set carries a zero byte before it, which a JWK does not.
  return fields.map((field) => (field.length > 1 && field[0] === 0 ? field.subarray(1) : field));
}

function sshBlob(key: KeyObject): Buffer {
  const { kty, e, n } = key.export({ format: 'jwk' });
  if (kty !== 'RSA' || !e || !n) throw invalidKey();
  const field = (bytes: Buffer): Buffer => {
    const body = bytes[0]! & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  return Buffer.concat([field(Buffer.from('ssh-rsa')), field(Buffer.from(e, 'base64url')), field(Buffer.from(n, 'base64url'))]);
}

async function requireKey(tx: ReadTransaction, account: string, userName: string, id: string) {
  const user = await requireUser(tx, account, userName);
  const key = await sshPublicKeys.get(tx, account, user.id, id);
  if (!key) throw noSuchEntity(`The Public Key with id ${id} cannot be found.`);
  return { user, key };
}

function shown(userName: string, key: SshPublicKey, body = key.body) {
  return {
    UserName: userName,
    SSHPublicKeyId: key.id,
    Fingerprint: key.fingerprint,
    SSHPublicKeyBody: body,
    Status: key.status,
    UploadDate: dateOf(key.uploadedAt),
  };
}

export const UploadSSHPublicKey: Operation<'UploadSSHPublicKey'> = async (request, input) => {
  const { blob } = readKey(input.SSHPublicKeyBody);
  const fingerprint = createHash('md5').update(blob).digest('hex').match(/../g)!.join(':');
  const id = uniqueId('APKA', request.random);
  return commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    const others = await sshPublicKeys.scan(tx, [user.account, user.id]);
    if (others.some(({ row }) => row.fingerprint === fingerprint))
      throw new AwsError('DuplicateSSHPublicKey', `The SSH public key is already associated with the user ${user.name}.`);
    if (others.length >= limits.sshPublicKeysPerUser) throw quotaExceeded('SSHPublicKeysPerUser', limits.sshPublicKeysPerUser);
    const key: SshPublicKey = {
      account: user.account,
      userId: user.id,
      id,
      body: input.SSHPublicKeyBody,
      fingerprint,
      status: 'Active',
      uploadedAt: request.now,
    };
    await sshPublicKeys.put(tx, key);
    return { SSHPublicKey: shown(user.name, key) };
  });
};

export const GetSSHPublicKey: Operation<'GetSSHPublicKey'> = async (request, input) => {
  const { user, key } = await request.store.read((tx) => requireKey(tx, request.account, input.UserName, input.SSHPublicKeyId));
  const read = readKey(key.body);
  const body =
    input.Encoding === 'PEM' ? read.key.export({ type: 'spki', format: 'pem' }).toString() : `ssh-rsa ${read.blob.toString('base64')}`;
  return { SSHPublicKey: shown(user.name, key, body) };
};

export const ListSSHPublicKeys: Operation<'ListSSHPublicKeys'> = (request, input) =>
  request.store.read(async (tx) => {
    const owner = await requireCredentialOwner(tx, request, input.UserName);
    const { rows, ...more } = await tablePage(tx, sshPublicKeys, [request.account, owner.id], input);
    return {
      SSHPublicKeys: rows.map((key) => ({
        UserName: owner.name,
        SSHPublicKeyId: key.id,
        Status: key.status,
        UploadDate: dateOf(key.uploadedAt),
      })),
      ...more,
    };
  });

export const UpdateSSHPublicKey: Operation<'UpdateSSHPublicKey'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { key } = await requireKey(tx, request.account, input.UserName, input.SSHPublicKeyId);
    await sshPublicKeys.put(tx, { ...key, status: input.Status });
  });
  return {};
};

export const DeleteSSHPublicKey: Operation<'DeleteSSHPublicKey'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { key } = await requireKey(tx, request.account, input.UserName, input.SSHPublicKeyId);
    await sshPublicKeys.delete(tx, key.account, key.userId, key.id);
  });
  return {};
};
