/** The page that signs in: as an IAM user, as root where the test key is on, or with an access key. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState, type ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import logo from '../haneul.svg';
import { choose, useSettings } from '../shell/settings.ts';
import { messages } from './messages.ts';
import { cloudSettings, proveIdentity, signIn, type CloudSettings } from './private-api.ts';
import { goOnAs, signedIn, useEnded, useOthers, type Credentials, type Identity } from './session.ts';

type Way = 'user' | 'root' | 'key';
type Step = 'who' | 'mfa' | 'new-password';
type Form = Record<'account' | 'user' | 'password' | 'code' | 'newPassword' | 'repeat' | 'keyId' | 'secret' | 'token', string>;

const emptyForm: Form = { account: '', user: '', password: '', code: '', newPassword: '', repeat: '', keyId: '', secret: '', token: '' };
const firstAccount = '000000000000';

export function SignInPage() {
  const t = useText(messages);
  const { language } = useSettings();
  const [cloud, setCloud] = useState<CloudSettings>();
  const [way, setWay] = useState<Way>('root');
  const [step, setStep] = useState<Step>('who');
  const ended = useEnded();
  const others = useOthers();
  const [form, setForm] = useState<Form>(() => ({ ...emptyForm, ...(ended ? whoOf(ended) : { account: firstAccount }) }));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    document.title = t.title;
    cloudSettings().then(
      (found) => {
        setCloud(found);
        if (!found.testKey || ended) setWay('user');
      },
      () => setProblem(t.unreachable),
    );
  }, [t]);
  const change = (name: keyof Form, value: string): void => setForm((before) => ({ ...before, [name]: value }));
  const begin = (next: Step): void => {
    setStep(next);
    setProblem(undefined);
  };
  const submit = async (): Promise<void> => {
    setProblem(undefined);
    setBusy(true);
    try {
      if (way === 'user') {
        const next = await asUser(form, step, t);
        if (next) {
          begin(next.step);
          if (next.reason) setProblem(next.reason);
        }
      } else await withKey(way === 'root' ? testKeyOf(form.account, t) : keyFrom(form, t));
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const input = (name: keyof Form, label: string, options: { secret?: boolean; hint?: string; numeric?: boolean } = {}): ReactNode => (
    <FormField key={name} label={label} description={options.hint}>
      <Input
        name={name}
        value={form[name]}
        type={options.secret ? 'password' : 'text'}
        autoComplete={name === 'user' ? 'username' : name === 'password' ? 'current-password' : name === 'code' ? 'one-time-code' : false}
        {...(options.numeric && { inputMode: 'numeric' as const })}
        autoFocus={name === 'code' || name === 'newPassword'}
        spellcheck={false}
        onChange={({ detail }) => change(name, detail.value)}
      />
    </FormField>
  );
  const ways: readonly { id: Way; text: string }[] = [
    ...(cloud?.testKey ? [{ id: 'root' as const, text: t.asRoot }] : []),
    { id: 'user', text: t.asUser },
    { id: 'key', text: t.withKey },
  ];
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <SpaceBetween size="l">
            <div className="sign-in-head">
              <img src={logo} alt="" width="44" height="44" />
              <div>
                <Box variant="h1">{step === 'who' ? t.title : step === 'mfa' ? t.mfaTitle : t.newPasswordTitle}</Box>
                <Box color="text-body-secondary">{step === 'who' ? t.tagline : step === 'mfa' ? t.mfaText : t.newPasswordText}</Box>
              </div>
            </div>
            {ended && (
              <Alert type="info" header={t.ended}>
                {t.endedText}
              </Alert>
            )}
            {step === 'who' && (
              <fieldset className="ways">
                <legend className="unseen">{t.title}</legend>
                {ways.map(({ id, text }) => (
                  <label key={id} data-chosen={id === way}>
                    <input
                      type="radio"
                      name="way"
                      checked={id === way}
                      onChange={() => {
                        setWay(id);
                        setProblem(undefined);
                      }}
                    />
                    {text}
                  </label>
                ))}
              </fieldset>
            )}
            {way === 'user' &&
              step === 'who' && [
                input('account', t.account, { hint: t.accountHint }),
                input('user', t.user),
                input('password', t.password, { secret: true }),
              ]}
            {way === 'user' &&
              step === 'new-password' && [
                input('newPassword', t.newPassword, { secret: true }),
                input('repeat', t.repeat, { secret: true }),
              ]}
            {way === 'user' &&
              (step === 'mfa' || (step === 'new-password' && form.code !== '')) &&
              input('code', t.code, { numeric: true })}
            {way === 'root' && [<Box key="text">{t.testKeyText}</Box>, input('account', t.account, { hint: t.badAccount, numeric: true })]}
            {way === 'key' && [
              ...(cloud && !cloud.testKey ? [<Box key="text">{t.noTestKeyText}</Box>] : []),
              input('keyId', t.keyId),
              input('secret', t.secret, { secret: true }),
              input('token', t.token, { secret: true, hint: t.tokenHint }),
            ]}
            {problem !== undefined && <Alert type="error">{problem}</Alert>}
            <div className="sign-in-buttons">
              <Button variant="primary" fullWidth loading={busy} formAction="submit">
                {way === 'root' ? t.signInRoot : t.signIn}
              </Button>
              {step !== 'who' && (
                <Button fullWidth formAction="none" onClick={() => begin('who')}>
                  {t.back}
                </Button>
              )}
              {step === 'who' &&
                others.map((chain) => (
                  <Button key={chain[0]!.arn} fullWidth formAction="none" onClick={() => goOnAs(chain)}>
                    {fill(t.goOnAs, { name: chain.at(-1)!.name, account: chain.at(-1)!.account })}
                  </Button>
                ))}
            </div>
          </SpaceBetween>
        </form>
      </div>
      <footer className="sign-in-foot">
        <span>{cloud ? fill(t.version, { version: cloud.version }) : ''}</span>
        <Button variant="inline-link" onClick={() => choose({ language: language === 'en' ? 'ko' : 'en' })}>
          {language === 'en' ? '한국어' : 'English'}
        </Button>
      </footer>
    </main>
  );
}

/** Whoever was here is asked for the password alone. */
function whoOf({ arn, account }: Identity): Partial<Form> {
  return { account, user: /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1] ?? '' };
}

type Texts = Readonly<Record<keyof (typeof messages)['en'], string>>;

/** Resolves to what the user is asked next, if anything. */
async function asUser(form: Form, step: Step, t: Texts): Promise<{ step: Step; reason?: string } | undefined> {
  const { account, user, password, code, newPassword, repeat } = form;
  if (account === '' || user === '' || password === '' || (step === 'mfa' && code === '')) throw new Error(t.required);
  if (step === 'new-password' && newPassword !== repeat) throw new Error(t.notEqual);
  const reply = await signIn({
    account: account.trim(),
    user: user.trim(),
    password,
    ...(code !== '' && { code: code.trim() }),
    ...(step === 'new-password' && { newPassword }),
  });
  if ('next' in reply) return { step: reply.next, ...(reply.reason && { reason: reply.reason }) };
  const { expiration, ...credentials } = reply.credentials;
  signedIn({ name: reply.arn.split('/').at(-1)!, account: reply.arn.split(':')[4]!, arn: reply.arn, credentials, expiration });
  return undefined;
}

function testKeyOf(account: string, t: Texts): Credentials {
  if (!/^\d{12}$/.test(account.trim())) throw new Error(t.badAccount);
  return { accessKeyId: account.trim(), secretAccessKey: 'test' };
}

function keyFrom({ keyId, secret, token }: Form, t: Texts): Credentials {
  if (keyId === '' || secret === '') throw new Error(t.required);
  return { accessKeyId: keyId.trim(), secretAccessKey: secret.trim(), ...(token !== '' && { sessionToken: token.trim() }) };
}

async function withKey(credentials: Credentials): Promise<void> {
  const { account, arn } = await proveIdentity(credentials);
  signedIn({ name: arn.split(/[/:]/).at(-1)!, account, arn, credentials });
}
