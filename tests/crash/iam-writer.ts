/** Creates IAM users with a key and a tag, and deletes them again, below a path of its own. */

import assert from 'node:assert/strict';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
  ListUserTagsCommand,
} from '@aws-sdk/client-iam';
import { clientOptions, isConnectionLost, type Writer } from './writers.ts';

/** The key of a user; none yet when it is undefined. */
type Users = Map<string, string | undefined>;
const usersMax = 8;

export function iamWriter(name: string): Writer {
  const users: Users = new Map();
  const path = `/${name}/`;
  let doubt: string | undefined; // the user that the operation in flight is about
  let count = 0;

  const step = async (iam: IAMClient): Promise<void> => {
    const [oldest] = users;
    const UserName = users.size >= usersMax ? oldest![0] : `${name}-${count}`;
    doubt = UserName;
    if (users.size >= usersMax) {
      const AccessKeyId = users.get(UserName);
      if (AccessKeyId) await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      users.set(UserName, undefined);
      await iam.send(new DeleteUserCommand({ UserName }));
      users.delete(UserName);
    } else {
      await iam.send(new CreateUserCommand({ UserName, Path: path, Tags: [{ Key: 'of', Value: UserName }] }));
      users.set(UserName, undefined);
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
      users.set(UserName, AccessKey!.AccessKeyId);
    }
    doubt = undefined;
  };

  return {
    acknowledged: () => count,
    async run(endpoint) {
      const iam = new IAMClient(clientOptions(endpoint));
      try {
        for (; ; count++) await step(iam);
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        count++; // a name that is in doubt is not used again
      } finally {
        iam.destroy();
      }
    },
    async check(endpoint) {
      const iam = new IAMClient(clientOptions(endpoint));
      const { Users: found = [] } = await iam.send(new ListUsersCommand({ PathPrefix: path }));
      const there = new Map<string, string | undefined>();
      for (const { UserName } of found) {
        const { Tags } = await iam.send(new ListUserTagsCommand({ UserName: UserName! }));
        assert.deepEqual(Tags, [{ Key: 'of', Value: UserName }], 'a user is never there without its tags');
        const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: UserName! }));
        there.set(UserName!, AccessKeyMetadata![0]?.AccessKeyId);
      }
      for (const [user, key] of users) if (user !== doubt) assert.equal(there.get(user), key, user);
      for (const user of there.keys()) assert.ok(users.has(user) || user === doubt, `${user} was deleted`);
      users.clear();
      for (const [user, key] of there) users.set(user, key);
      doubt = undefined;
      iam.destroy();
    },
  };
}
