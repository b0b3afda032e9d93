/** SMS: settings, the sandbox's numbers, opting out. No account is confined to its sandbox. */

import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import { sendLetter } from '../deliveries/letters.ts';
import { invalid, invalidParameter } from '../errors.ts';
import { pageRows } from '../limits.ts';
import { cursorOf, tokenOf } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { optOuts, sandboxNumbers, smsSettings } from '../tables.ts';

const optInMilliseconds = 30 * 86_400_000;
const codeMilliseconds = 15 * 60_000;

/** Throws InvalidParameter unless the text is a number in E.164 form. */
function requirePhone(phone: string): string {
  if (!/^\+[1-9]\d{3,14}$/.test(phone)) throw invalidParameter(`PhoneNumber Reason: input incorrectly formatted`);
  return phone;
}

const settings = new Set([
  ...['MonthlySpendLimit', 'DeliveryStatusIAMRole', 'DeliveryStatusSuccessSamplingRate'],
  ...['DefaultSenderID', 'DefaultSMSType', 'UsageReportS3Bucket'],
]);

/** An empty value brings the default back. */
function checkSetting(name: string, value: string): void {
  if (value === '' && settings.has(name)) return;
  if (name === 'DefaultSMSType') {
    if (value !== 'Promotional' && value !== 'Transactional') throw invalid('DefaultSMSType is invalid');
  } else if (name === 'DefaultSenderID') {
    if (!/^[A-Za-z0-9]{1,11}$/.test(value)) throw invalidParameter('DefaultSenderID');
  } else if (name === 'MonthlySpendLimit') {
    if (!/^\d{1,9}$/.test(value)) throw invalidParameter('MonthlySpendLimit must be a whole number of dollars');
  } else if (name === 'DeliveryStatusSuccessSamplingRate') {
    if (!/^(100|\d{1,2})$/.test(value)) throw invalidParameter('DeliveryStatusSuccessSamplingRate must be a number from 0 to 100');
  } else if (name === 'DeliveryStatusIAMRole') {
    if (!/^arn:[^:]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(value)) throw invalidParameter('DeliveryStatusIAMRole');
  } else if (name === 'UsageReportS3Bucket') throw notImplemented(`sns:SetSMSAttributes with ${name}`);
  else throw invalid(`${name} is not a valid attribute`);
}

export const SetSMSAttributes: Operation<'SetSMSAttributes'> = async ({ store, account, region }, input) => {
  const given = Object.entries(input.attributes);
  for (const [name, value] of given) checkSetting(name, value);
  await store.write(async (tx) => {
    const present = (await smsSettings.get(tx, account, region))?.attributes ?? [];
    await smsSettings.put(tx, { account, region, attributes: [...new Map([...present, ...given])].filter(([, value]) => value !== '') });
  });
  return {};
};

export const GetSMSAttributes: Operation<'GetSMSAttributes'> = async ({ store, account, region }, input) => {
  const present = (await store.read((tx) => smsSettings.get(tx, account, region)))?.attributes ?? [];
  const wanted = input.attributes && input.attributes.length > 0 ? new Set(input.attributes) : undefined;
  return { attributes: Object.fromEntries(present.filter(([name]) => wanted?.has(name) ?? true)) };
};

export const CheckIfPhoneNumberIsOptedOut: Operation<'CheckIfPhoneNumberIsOptedOut'> = async ({ store, account, region }, input) => {
  const phone = requirePhone(input.phoneNumber);
  const row = await store.read((tx) => optOuts.get(tx, account, region, phone));
  return { isOptedOut: row?.isOut ?? false };
};

export const ListPhoneNumbersOptedOut: Operation<'ListPhoneNumbersOptedOut'> = async ({ store, account, region }, input) => {
  const page = await store.read((tx) => optOuts.scan(tx, [account, region], { limit: pageRows, ...cursorOf(input.nextToken) }));
  const { NextToken: nextToken } = tokenOf(page);
  const phoneNumbers = page.filter(({ row }) => row.isOut).map(({ row }) => row.phone);
  return { phoneNumbers, ...(nextToken !== undefined && { nextToken }) };
};
export const ListOriginationNumbers: Operation<'ListOriginationNumbers'> = async () => ({ PhoneNumbers: [] });
export const GetSMSSandboxAccountStatus: Operation<'GetSMSSandboxAccountStatus'> = async () => ({ IsInSandbox: false });

/** Once in thirty days for each number: https://docs.aws.amazon.com/sns/latest/dg/sms_manage.html */
export const OptInPhoneNumber: Operation<'OptInPhoneNumber'> = async ({ store, account, region, now }, input) => {
  const phone = requirePhone(input.phoneNumber);
  await store.write(async (tx) => {
    const row = await optOuts.get(tx, account, region, phone);
    if (!row?.isOut) return;
    if (row.optedInAt !== undefined && now - row.optedInAt < optInMilliseconds)
      throw invalidParameter('PhoneNumber Reason: it was opted in less than 30 days ago');
    await optOuts.put(tx, { ...row, isOut: false, optedInAt: now });
  });
  return {};
};

/** Sends a code, to the mailbox. */
export const CreateSMSSandboxPhoneNumber: Operation<'CreateSMSSandboxPhoneNumber'> = async (request, input) => {
  const { store, random, host, account, region, now } = request;
  const phone = requirePhone(input.PhoneNumber);
  const code = random.text(6, '0123456789');
  const letter = { id: random.uuid(), at: now, account, region, service: 'sns', kind: 'sms' as const, to: phone, subject: '' };
  await store.write(async (tx) => {
    if ((await sandboxNumbers.get(tx, account, region, phone))?.verified)
      throw new AwsError('OptedOut', 'The phone number is verified already.', { status: 400 });
    await sandboxNumbers.put(tx, { account, region, phone, verified: false, code, until: now + codeMilliseconds });
    await sendLetter(tx, host, { ...letter, body: `Your AWS verification code is: ${code}` });
  });
  return {};
};

export const VerifySMSSandboxPhoneNumber: Operation<'VerifySMSSandboxPhoneNumber'> = async ({ store, account, region, now }, input) => {
  const phone = requirePhone(input.PhoneNumber);
  await store.write(async (tx) => {
    const row = await sandboxNumbers.get(tx, account, region, phone);
    if (!row) throw noNumber();
    if (row.until <= now || row.code !== input.OneTimePassword)
      throw new AwsError('VerificationException', 'The one-time password is wrong or has expired.');
    await sandboxNumbers.put(tx, { ...row, verified: true });
  });
  return {};
};

export const DeleteSMSSandboxPhoneNumber: Operation<'DeleteSMSSandboxPhoneNumber'> = async ({ store, account, region }, input) => {
  const phone = requirePhone(input.PhoneNumber);
  await store.write(async (tx) => {
    if (!(await sandboxNumbers.get(tx, account, region, phone))) throw noNumber();
    await sandboxNumbers.delete(tx, account, region, phone);
  });
  return {};
};

export const ListSMSSandboxPhoneNumbers: Operation<'ListSMSSandboxPhoneNumbers'> = async ({ store, account, region }, input) => {
  const rows = Math.min(input.MaxResults ?? pageRows, pageRows);
  const page = await store.read((tx) => sandboxNumbers.scan(tx, [account, region], { limit: rows, ...cursorOf(input.NextToken) }));
  return {
    PhoneNumbers: page.map(({ row }) => ({ PhoneNumber: row.phone, Status: row.verified ? ('Verified' as const) : ('Pending' as const) })),
    ...tokenOf(page, rows),
  };
};

const noNumber = () => new AwsError('ResourceNotFound', 'The phone number is not in the sandbox.', { status: 404 });
