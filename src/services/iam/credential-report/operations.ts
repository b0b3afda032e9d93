/** The credential report: a CSV of every user and the state of its credentials. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { loadAccount } from '../account/account.ts';
import { dateOf } from '../dates.ts';
import { flushUses } from '../last-accessed/uses.ts';
import { limits } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { accessKeys, credentialReports, keyUses, loginProfiles, mfaDevices, signingCertificates, users, type Account } from '../tables.ts';
import { userArn } from '../users/user.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html#id_credentials_understanding_the_report_format */
const columns = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  'access_key_1_active',
  'access_key_1_last_rotated',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_active',
  'access_key_2_last_rotated',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];

const time = (milliseconds: number): string => dateOf(milliseconds).toISOString().replace('.000Z', '+00:00');

export const GenerateCredentialReport: Operation<'GenerateCredentialReport'> = async (request) => {
  const old = await request.store.read((tx) => credentialReports.get(tx, request.account));
  if (old && request.now - old.generatedAt < limits.credentialReportFreshMs) return { State: 'COMPLETE' };
  await flushUses(request.store);
  const content = await request.store.read((tx) => report(tx, request));
  await request.store.write((tx) => credentialReports.put(tx, { account: request.account, generatedAt: request.now, content }));
  // The report is there at once, but AWS's callers expect to be told that it has been started.
  return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
};

export const GetCredentialReport: Operation<'GetCredentialReport'> = async (request) => {
  const stored = await request.store.read((tx) => credentialReports.get(tx, request.account));
  if (!stored) throw new AwsError('ReportNotPresent', 'No report exists. Please call GenerateCredentialReport first.', { status: 410 });
  if (request.now - stored.generatedAt >= limits.credentialReportReadableMs)
    throw new AwsError('ReportExpired', 'The report has expired. Please call GenerateCredentialReport first.', { status: 410 });
  return { Content: Buffer.from(stored.content), ReportFormat: 'text/csv', GeneratedTime: dateOf(stored.generatedAt) };
};

async function report(tx: ReadTransaction, request: ServiceRequest): Promise<string> {
  const account = await loadAccount(tx, request);
  const rows = [columns, await rootRow(tx, account)];
  for (const { row: user } of await users.scan(tx, [request.account])) {
    const profile = await loginProfiles.get(tx, user.account, user.id);
    const rotation =
      profile && account.passwordPolicy?.maxAgeDays !== undefined
        ? time(profile.changedAt + account.passwordPolicy.maxAgeDays * 86_400_000)
        : 'N/A';
    const lastUsed = user.passwordLastUsedAt === undefined ? 'no_information' : time(user.passwordLastUsedAt);
    const password = profile ? ['true', lastUsed, time(profile.changedAt), rotation] : ['false', 'N/A', 'N/A', 'N/A'];
    rows.push([user.name, userArn(user), time(user.createdAt), ...password, ...(await credentialColumns(tx, user.account, user.id))]);
  }
  return rows.map((row) => row.map(csvField).join(',')).join('\n');
}

async function rootRow(tx: ReadTransaction, account: Account): Promise<string[]> {
  const password = ['not_supported', 'no_information', 'not_supported', 'not_supported'];
  return [
    '<root_account>',
    `arn:aws:iam::${account.account}:root`,
    time(account.createdAt),
    ...password,
    ...(await credentialColumns(tx, account.account, account.account)),
  ];
}

async function credentialColumns(tx: ReadTransaction, account: string, userId: string): Promise<string[]> {
  const mfa = await mfaDevices.scanIndex(tx, 'byUser', [account, userId], { limit: 1 });
  const keys = (await accessKeys.scan(tx, [account, userId])).map(({ row }) => row).sort((a, b) => a.createdAt - b.createdAt);
  const certificates = (await signingCertificates.scan(tx, [account, userId])).map(({ row }) => row);
  const cells = [String(mfa.length > 0)];
  for (const key of [keys[0], keys[1]]) {
    const use = key && (await keyUses.get(tx, account, key.id));
    cells.push(
      String(key?.status === 'Active'),
      key ? time(key.createdAt) : 'N/A',
      ...(use ? [time(use.at), use.region, use.service] : ['N/A', 'N/A', 'N/A']),
    );
  }
  for (const certificate of [certificates[0], certificates[1]])
    cells.push(String(certificate?.status === 'Active'), certificate ? time(certificate.uploadedAt) : 'N/A');
  return cells;
}

/** Names may hold commas. */
function csvField(text: string): string {
  return text.includes(',') ? `"${text}"` : text;
}
