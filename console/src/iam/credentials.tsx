/** A user's password, access keys and MFA devices. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
  UpdateLoginProfileCommand,
  type AccessKey,
  type CreateAccessKeyCommandOutput,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { action, iam, send } from './client.ts';
import { messages } from './messages.ts';
import { MfaDevices } from './mfa-devices.tsx';
import { hasLoginProfile } from './owner.ts';

export function Credentials({ user }: { user: string }) {
  return (
    <SpaceBetween size="l">
      <Password user={user} />
      <Keys user={user} />
      <MfaDevices user={user} />
    </SpaceBetween>
  );
}

function Password({ user }: { user: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [setting, setSetting] = useState(false);
  const profile = useAnswer(() => hasLoginProfile(user), [user], 'iam');
  const has = profile.value ?? false;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {has && (
                <ActionButton
                  text={t.removePassword}
                  actionsOf={() => [action('DeleteLoginProfile', new DeleteLoginProfileCommand({ UserName: user }))]}
                  send={send}
                  onDone={profile.reload}
                />
              )}
              <Button onClick={() => setSetting(true)}>{t.setPassword}</Button>
            </SpaceBetween>
          }
        >
          {t.consoleAccess}
        </Header>
      }
    >
      {profile.error === undefined ? has ? t.hasPassword : t.noPassword : <FailureAlert error={profile.error} />}
      {setting && (
        <ActionForm
          modal
          title={t.setPassword}
          submit={t.setPassword}
          fields={[
            { name: 'password', kind: 'password', label: t.password, description: t.passwordHint, required: true },
            { name: 'mustChange', kind: 'toggle', label: t.mustChange },
          ]}
          actionsOf={(values) => {
            const input = {
              UserName: user,
              Password: read.text(values, 'password') ?? '',
              PasswordResetRequired: read.flag(values, 'mustChange'),
            };
            return has
              ? [action('UpdateLoginProfile', new UpdateLoginProfileCommand(input))]
              : [action('CreateLoginProfile', new CreateLoginProfileCommand(input))];
          }}
          send={send}
          onCancel={() => setSetting(false)}
          onDone={() => {
            setSetting(false);
            notify({ type: 'success', content: s.saved });
            profile.reload();
          }}
        />
      )}
    </Container>
  );
}

async function loadKeys(user: string) {
  const { AccessKeyMetadata = [] } = await iam().send(new ListAccessKeysCommand({ UserName: user }));
  return Promise.all(
    AccessKeyMetadata.map(async (key) => {
      const { AccessKeyLastUsed } = await iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.AccessKeyId }));
      return { ...key, lastUsed: AccessKeyLastUsed?.LastUsedDate };
    }),
  );
}

function Keys({ user }: { user: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const keys = useAnswer(() => loadKeys(user), [user], 'iam');
  const [made, setMade] = useState<AccessKey>();
  return (
    <SpaceBetween size="s">
      {made && (
        <Alert type="success" dismissible onDismiss={() => setMade(undefined)} header={t.secretOnce}>
          <SpaceBetween size="xs">
            <div>
              <Box variant="awsui-key-label">{t.keyId}</Box>
              <Copyable text={made.AccessKeyId!} />
            </div>
            <div>
              <Box variant="awsui-key-label">{t.secret}</Box>
              <Copyable text={made.SecretAccessKey!} />
            </div>
          </SpaceBetween>
        </Alert>
      )}
      <Table
        items={keys.value ?? []}
        loading={keys.loading && !keys.value}
        empty={keys.error === undefined ? <Box color="text-body-secondary">{t.noKeys}</Box> : <FailureAlert error={keys.error} />}
        header={
          <Header
            variant="h2"
            actions={
              <ActionButton
                text={t.createKey}
                description={t.secretOnce}
                actionsOf={() => [
                  {
                    ...action('CreateAccessKey', new CreateAccessKeyCommand({ UserName: user })),
                    terraform: [{ type: 'aws_iam_access_key', name: user, body: { user } }],
                  },
                ]}
                send={send}
                onDone={([output]) => {
                  setMade((output as CreateAccessKeyCommandOutput).AccessKey);
                  keys.reload();
                }}
              />
            }
          >
            {t.accessKeys}
          </Header>
        }
        columnDefinitions={[
          { id: 'id', header: t.keyId, cell: ({ AccessKeyId }) => <Box variant="code">{AccessKeyId}</Box> },
          { id: 'status', header: t.status, cell: ({ Status }) => Status },
          { id: 'created', header: t.created, cell: ({ CreateDate }) => timeText(CreateDate) },
          { id: 'used', header: t.lastUsed, cell: ({ lastUsed }) => timeText(lastUsed) },
          {
            id: 'actions',
            header: s.actions,
            cell: ({ AccessKeyId, Status }) => (
              <SpaceBetween direction="horizontal" size="s">
                <ActionButton
                  variant="inline-link"
                  text={Status === 'Active' ? t.deactivate : t.activate}
                  actionsOf={() => [
                    action(
                      'UpdateAccessKey',
                      new UpdateAccessKeyCommand({ UserName: user, AccessKeyId, Status: Status === 'Active' ? 'Inactive' : 'Active' }),
                    ),
                  ]}
                  send={send}
                  onDone={keys.reload}
                />
                {Status !== 'Active' && (
                  <ActionButton
                    variant="inline-link"
                    text={s.delete}
                    ariaLabel={`${s.delete}: ${AccessKeyId}`}
                    actionsOf={() => [action('DeleteAccessKey', new DeleteAccessKeyCommand({ UserName: user, AccessKeyId }))]}
                    send={send}
                    onDone={keys.reload}
                  />
                )}
              </SpaceBetween>
            ),
          },
        ]}
      />
    </SpaceBetween>
  );
}
