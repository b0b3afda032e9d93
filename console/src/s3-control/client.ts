/** The client of S3 Control. Its calls go to this cloud's one address, where AWS puts the account before the host. */

import { S3ControlClient } from '@aws-sdk/client-s3-control';
import { clientOf } from '../session/clients.ts';
import { identity } from '../session/session.ts';

const made = clientOf(S3ControlClient);
const ready = new WeakSet<S3ControlClient>();

export function s3Control(): S3ControlClient {
  const client = made();
  if (ready.has(client)) return client;
  ready.add(client);
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { hostname: string };
      request.hostname = location.hostname;
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'oneAddress' },
  );
  return client;
}

export const account = (): string => identity().account;
