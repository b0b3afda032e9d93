/** Takes on a role: sts:AssumeRole as whoever signed in, and a coloured badge that says so. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { useState } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { useText } from '../language/catalogue.ts';
import { Dialog } from '../resource/dialog.tsx';
import { goTo, hrefOf } from '../shell/places.ts';
import { configFor } from './clients.ts';
import { messages } from './messages.ts';
import { rememberRole, type KnownRole } from './roles.ts';
import { identities, switchedTo } from './session.ts';

/** Dark enough for white text. */
const colours = { blue: '#0b5fff', green: '#1d7a3a', orange: '#a85100', red: '#b3261e', purple: '#6b3fa0' } as const;
type Colour = keyof typeof colours;

/** `known` is taken on again with one click. */
export function SwitchRole({ known, onClose }: { known?: KnownRole | undefined; onClose(): void }) {
  const t = useText(messages);
  const first = identities()[0]!;
  const [account, setAccount] = useState(known?.account ?? first.account);
  const [role, setRole] = useState(known?.role ?? '');
  const [colour, setColour] = useState<Colour>(
    (Object.keys(colours) as Colour[]).find((name) => colours[name] === known?.colour) ?? 'orange',
  );
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const command = new AssumeRoleCommand({
    RoleArn: `arn:aws:iam::${account.trim()}:role/${role.trim()}`,
    RoleSessionName: first.name.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
  });
  const run = async (): Promise<void> => {
    if (role.trim() === '' || !/^\d{12}$/.test(account.trim())) return setProblem(t.required);
    setBusy(true);
    try {
      const sts = new STSClient(configFor(first.credentials, 'us-east-1'));
      const { Credentials: given, AssumedRoleUser: who } = await sts.send(command);
      rememberRole(first.arn, { account: account.trim(), role: role.trim(), colour: colours[colour] });
      switchedTo({
        name: role.trim().split('/').at(-1)!,
        account: account.trim(),
        arn: who!.Arn!,
        credentials: { accessKeyId: given!.AccessKeyId!, secretAccessKey: given!.SecretAccessKey!, sessionToken: given!.SessionToken! },
        expiration: given!.Expiration!.toISOString(),
        colour: colours[colour],
      });
      onClose();
      goTo(hrefOf([]));
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  const options = (Object.keys(colours) as Colour[]).map((value) => ({ value, label: t[value] }));
  return (
    <Dialog title={t.switchTitle} submit={t.switch} busy={busy} onCancel={onClose} onSubmit={() => void run()}>
      <SpaceBetween size="l">
        <Box>{t.switchText}</Box>
        <FormField label={t.roleAccount}>
          <Input value={account} inputMode="numeric" onChange={({ detail }) => setAccount(detail.value)} />
        </FormField>
        <FormField label={t.role} description={t.roleHint}>
          <Input value={role} autoFocus spellcheck={false} onChange={({ detail }) => setRole(detail.value)} />
        </FormField>
        <FormField label={t.colour}>
          <Select
            options={options}
            selectedOption={options.find(({ value }) => value === colour)!}
            onChange={({ detail }) => setColour(detail.selectedOption.value as Colour)}
          />
        </FormField>
        {problem !== undefined && <Alert type="error">{problem}</Alert>}
        <FromShell actions={[{ service: 'sts', operation: 'AssumeRole', command }]} />
      </SpaceBetween>
    </Dialog>
  );
}
