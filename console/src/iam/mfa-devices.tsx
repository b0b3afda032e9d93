/** Virtual MFA devices of a user: listed, added with a picture to scan, removed. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  CreateVirtualMFADeviceCommand,
  DeactivateMFADeviceCommand,
  DeleteVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  ListMFADevicesCommand,
  type CreateVirtualMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { useEffect, useState } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { Dialog } from '../resource/dialog.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { action, iam, send } from './client.ts';
import { messages } from './messages.ts';

type Made = { serial: string; seed: string; picture: string };

const nameFor = (user: string): string => `${user}-${Date.now().toString(36)}`;

export function MfaDevices({ user }: { user: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const devices = useAnswer(async () => (await iam().send(new ListMFADevicesCommand({ UserName: user }))).MFADevices ?? [], [user], 'iam');
  const [made, setMade] = useState<Made>();
  const show = ({ VirtualMFADevice: device }: CreateVirtualMFADeviceCommandOutput): void => {
    const picture = URL.createObjectURL(new Blob([device!.QRCodePNG! as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
    setMade({ serial: device!.SerialNumber!, seed: new TextDecoder().decode(device!.Base32StringSeed), picture });
  };
  // What is shown is what is sent, so the next device's name is chosen beforehand.
  const [name, setName] = useState(() => nameFor(user));
  return (
    <>
      <Table
        items={devices.value ?? []}
        loading={devices.loading && !devices.value}
        empty={devices.error === undefined ? <Box color="text-body-secondary">{t.noMfa}</Box> : <FailureAlert error={devices.error} />}
        header={
          <Header
            variant="h2"
            actions={
              <ActionButton
                text={t.addMfa}
                actionsOf={() => [
                  {
                    ...action('CreateVirtualMFADevice', new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name })),
                    terraform: [{ type: 'aws_iam_virtual_mfa_device', name, body: { virtual_mfa_device_name: name } }],
                  },
                ]}
                send={send}
                onDone={([output]) => {
                  show(output as CreateVirtualMFADeviceCommandOutput);
                  setName(nameFor(user));
                }}
              />
            }
          >
            {t.mfa}
          </Header>
        }
        columnDefinitions={[
          { id: 'serial', header: t.arn, cell: ({ SerialNumber }) => SerialNumber },
          { id: 'since', header: t.created, cell: ({ EnableDate }) => timeText(EnableDate) },
          {
            id: 'remove',
            header: s.actions,
            cell: ({ SerialNumber }) => (
              <ActionButton
                variant="inline-link"
                text={t.detach}
                ariaLabel={`${t.detach}: ${SerialNumber}`}
                actionsOf={() => [
                  action('DeactivateMFADevice', new DeactivateMFADeviceCommand({ UserName: user, SerialNumber })),
                  action('DeleteVirtualMFADevice', new DeleteVirtualMFADeviceCommand({ SerialNumber })),
                ]}
                send={send}
                onDone={devices.reload}
              />
            ),
          },
        ]}
      />
      {made && (
        <Enable
          user={user}
          made={made}
          onDone={() => {
            setMade(undefined);
            devices.reload();
          }}
        />
      )}
    </>
  );
}

function Enable({ user, made, onDone }: { user: string; made: Made; onDone(): void }) {
  const t = useText(messages);
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [problem, setProblem] = useState<string>();
  useEffect(() => () => URL.revokeObjectURL(made.picture), [made.picture]);
  const enabling = new EnableMFADeviceCommand({
    ...{ UserName: user, SerialNumber: made.serial },
    ...{ AuthenticationCode1: first.trim(), AuthenticationCode2: second.trim() },
  });
  const enable = async (): Promise<void> => {
    try {
      await iam().send(asShown(enabling));
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  /** A device that nobody enabled is of no use to anyone: to cancel takes back what was made before. */
  const giveUp = (): void => {
    void iam()
      .send(asShown(new DeleteVirtualMFADeviceCommand({ SerialNumber: made.serial })))
      .then(onDone, onDone);
  };
  return (
    <Dialog
      title={t.addMfa}
      submit={t.enableMfa}
      disabled={first.length !== 6 || second.length !== 6}
      onCancel={giveUp}
      onSubmit={() => void enable()}
    >
      <SpaceBetween size="m">
        <Box>{t.mfaText}</Box>
        <img src={made.picture} alt="QR" width="200" height="200" />
        <Box>
          {t.mfaSeed} <Box variant="code">{made.seed}</Box>
        </Box>
        <FormField label={t.code1}>
          <Input value={first} inputMode="numeric" onChange={({ detail }) => setFirst(detail.value)} />
        </FormField>
        <FormField label={t.code2}>
          <Input value={second} inputMode="numeric" onChange={({ detail }) => setSecond(detail.value)} />
        </FormField>
        {problem !== undefined && <Alert type="error">{problem}</Alert>}
        <FromShell actions={[action('EnableMFADevice', enabling)]} />
      </SpaceBetween>
    </Dialog>
  );
}
