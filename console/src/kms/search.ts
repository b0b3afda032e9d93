/** Keys and their aliases, for the search over everything. */

import { ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms';
import { paged, type Finder } from '../shell/finder.ts';
import { kms } from './client.ts';

export const finders: readonly Finder[] = [
  {
    id: 'kms-keys',
    kind: { en: 'Keys', ko: '키' },
    pages: (abortSignal) =>
      paged(
        (Marker) => kms().send(new ListKeysCommand(Marker ? { Marker } : {}), { abortSignal }),
        ({ NextMarker }) => NextMarker,
        ({ Keys = [] }) => Keys.map(({ KeyId, KeyArn }) => ({ id: KeyId!, arn: KeyArn, to: ['kms', 'keys', KeyId!] })),
      ),
  },
  {
    id: 'kms-aliases',
    kind: { en: 'Aliases of keys', ko: '키 별칭' },
    pages: (abortSignal) =>
      paged(
        (Marker) => kms().send(new ListAliasesCommand(Marker ? { Marker } : {}), { abortSignal }),
        ({ NextMarker }) => NextMarker,
        ({ Aliases = [] }) =>
          Aliases.filter(({ TargetKeyId }) => TargetKeyId).map(({ AliasName, AliasArn, TargetKeyId }) => ({
            id: AliasName!,
            arn: AliasArn,
            to: ['kms', 'keys', TargetKeyId!],
          })),
      ),
  },
];
