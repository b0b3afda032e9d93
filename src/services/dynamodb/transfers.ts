/** What exports to S3 and imports from it have in common: their ids, tokens and quotas, and how they are carried on. */

import { createHash } from 'node:crypto';
import { parseArn } from '../../framework/arn.ts';
import { AwsError } from '../../framework/aws-error.ts';
import type { Random } from '../../framework/random.ts';
import type { Reconciler, ReconcilerContext } from '../../framework/reconciler.ts';
import type { WriteTransaction } from '../../store/store.ts';
import type { Table } from '../../store/table.ts';
import { limitExceeded, validationException } from './errors.ts';
import { unlessInaccessible } from './tables/own-work.ts';

type Kind = 'Export' | 'Import';

export type Transfer = {
  account: string;
  region: string;
  /** Milliseconds of its making and some hexadecimal digits. */
  id: string;
  token: string;
  /** Of what was asked for, to tell another wish with the same token. */
  digest: string;
  started: number;
  ended?: number;
  status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  failure?: { code: string; message: string };
};

export type Outcome = Pick<Transfer, 'status' | 'failure'>;

const tokenMilliseconds = 8 * 3_600_000;
export const retryMilliseconds = 5_000;

export const newTransferId = ({ now, random }: { now: number; random: Random }): string =>
  `${String(now).padStart(14, '0')}-${random.text(8, '0123456789abcdef')}`;

export const digestOf = (input: object): string =>
  createHash('sha256')
    .update(JSON.stringify({ ...input, ClientToken: undefined }))
    .digest('hex');

/** The transfer that the same token began before; throws ExportConflictException or ImportConflictException where it asked for another. */
export function begunBefore<Row extends Transfer>(
  kind: Kind,
  present: readonly Row[],
  { token, digest }: Pick<Transfer, 'token' | 'digest'>,
  now: number,
): Row | undefined {
  const same = present.find((one) => one.token === token && now - one.started < tokenMilliseconds);
  if (same && same.digest !== digest)
    throw new AwsError(`${kind}ConflictException`, `${kind} with the same client token exists and was asked for with other parameters`);
  return same;
}

/** Throws LimitExceededException. */
export function checkConcurrency(kind: Kind, present: readonly Transfer[], max: number): void {
  if (present.filter(({ status }) => status === 'IN_PROGRESS').length >= max) throw limitExceeded(`${kind} tasks limit exceeded: ${max}`);
}

/** The place and the id that an ARN names. Throws ValidationException. */
export function transferOfArn(kind: Kind, given: string): { account: string; region: string; id: string } {
  const parsed = parseArn(given);
  const [, folder, id] = /^table\/[^/]+\/(export|import)\/([^/]+)$/.exec(parsed?.service === 'dynamodb' ? parsed.resource : '') ?? [];
  if (!parsed || id === undefined || folder !== kind.toLowerCase()) throw validationException(`Invalid ${kind}Arn: ${given}`);
  return { account: parsed.account, region: parsed.region, id };
}

type Kept<Row extends Transfer> = {
  /** Of the reconciler. */
  name: string;
  table: Table<Row, never>;
  /** For the log. */
  titleOf: (made: Row) => string;
  /** Goes on until the transfer is at its end, or the pass. */
  carryOn: (context: ReconcilerContext, made: Row) => Promise<void>;
  end: (tx: WriteTransaction, made: Row, outcome: Outcome, ended: number) => Promise<unknown>;
  /** Codes that are shown as they are: others came from S3, and say so. */
  ownCodes: RegExp;
};

/** Carries on what is in progress. What S3 refuses ends a transfer; where it could not be reached, another attempt follows. */
export function transferReconciler<Row extends Transfer>(kept: Kept<Row>): Reconciler {
  return {
    name: kept.name,
    watches: [kept.table],
    run: async (context) => {
      let isBehind = false;
      for await (const made of kept.table.each(context.store))
        if (made.status === 'IN_PROGRESS' && !(await attempt(context, kept, made))) isBehind = true;
      return isBehind ? { nextAt: context.now + retryMilliseconds } : undefined;
    },
  };
}

/** False when it is worth trying again. */
function attempt<Row extends Transfer>(
  context: ReconcilerContext,
  { table, titleOf, carryOn, end, ownCodes }: Kept<Row>,
  made: Row,
): Promise<boolean> {
  const work = async (): Promise<void> => {
    const present = await context.store.read((tx) => table.get(tx, made.account, made.region, made.id));
    if (present?.status === 'IN_PROGRESS') await carryOn(context, present);
  };
  return tried(context, { title: titleOf(made), ownCodes, work }, (failure) =>
    context.store.write((tx) => end(tx, made, { status: 'FAILED', failure }, context.clock.now())),
  );
}

type Try = { /** For the log. */ title: string; ownCodes: RegExp; work: () => Promise<void> };

/** Does a piece of work that is told of as failed where S3 refuses it. False when it is worth trying again. */
export async function tried(
  context: ReconcilerContext,
  { title, ownCodes, work }: Try,
  fail: (failure: NonNullable<Outcome['failure']>) => Promise<unknown>,
): Promise<boolean> {
  try {
    return await unlessInaccessible(context, work);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) {
      context.log(`${title} waits: ${(error as Error).message}`);
      return false;
    }
    await fail({ code: ownCodes.test(error.code) ? error.code : `S3${error.code}`, message: error.message });
  }
  return true;
}
