/** What became of commands: one invocation, and lists of commands and of invocations, the latest first. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidNextToken, invalidPluginName, invocationDoesNotExist, unsatisfied } from '../errors.ts';
import { tokenOf } from '../parameters/lookup.ts';
import type { Operation } from '../sdk.ts';
import { commands, invocations, invocationsOf, statusOf, type Invocation, type RunCommand } from './command.ts';
import { commandOf, invocationOf, resultOf } from './description.ts';
import { shellPlugin } from './documents.ts';

export const GetCommandInvocation: Operation<'GetCommandInvocation'> = async (request, input) => {
  const { CommandId: id, InstanceId: instance, PluginName: plugin } = input;
  if (plugin !== undefined && plugin !== shellPlugin && plugin !== 'runShellScript') throw invalidPluginName();
  const { account, region } = request;
  return request.store.read(async (tx) => {
    const command = await commands.get(tx, account, region, id);
    const row = command && (await invocations.get(tx, account, region, id, instance));
    if (!row) throw invocationDoesNotExist();
    return resultOf(row, command);
  });
};

type ListInput = {
  CommandId?: string | undefined;
  InstanceId?: string | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
  Filters?: { key?: string | undefined; value?: string | undefined }[] | undefined;
};

export const ListCommands: Operation<'ListCommands'> = async (request, input) => {
  const isWanted = wanted(input);
  return page(request, input, async (list) => {
    const { account, region } = request;
    const found: ReturnType<typeof commandOf>[] = [];
    const rows =
      input.CommandId === undefined
        ? await commands.scanIndex(list.tx, 'byTime', [account, region], list.range)
        : await commands.scan(list.tx, [account, region, input.CommandId], list.range);
    for (const { row, cursor } of rows) {
      const of = await invocationsOf(list.tx, row);
      const fits = input.InstanceId === undefined || row.instances.includes(input.InstanceId);
      if (fits && isWanted(row, statusOf(of))) found.push(commandOf(row, of));
      list.seen(cursor);
      if (found.length === list.limit) break;
    }
    return { Commands: found };
  });
};

export const ListCommandInvocations: Operation<'ListCommandInvocations'> = async (request, input) => {
  const isWanted = wanted(input);
  return page(request, input, async (list) => {
    const { account, region } = request;
    const found: ReturnType<typeof invocationOf>[] = [];
    const rows =
      input.CommandId === undefined
        ? await invocations.scanIndex(list.tx, 'byTime', [account, region], list.range)
        : await invocations.scan(list.tx, [account, region, input.CommandId], list.range);
    let command: RunCommand | undefined;
    for (const { row, cursor } of rows) {
      // Those of one command lie together.
      if (command?.id !== row.command) command = (await commands.get(list.tx, account, region, row.command))!;
      const fits = input.InstanceId === undefined || row.instance === input.InstanceId;
      if (fits && isWanted(command, row.status)) found.push(invocationOf(row, command, input.Details ?? false));
      list.seen(cursor);
      if (found.length === list.limit) break;
    }
    return { CommandInvocations: found };
  });
};

function wanted({ Filters: filters = [] }: ListInput): (row: RunCommand, status: Invocation['status']) => boolean {
  const tests = filters.map(({ key = '', value = '' }): ((row: RunCommand, status: Invocation['status']) => boolean) => {
    switch (key) {
      case 'Status':
        return (_row, status) => status === value;
      case 'DocumentName':
        return (row) => row.document === value;
      case 'InvokedAfter':
        return (row) => row.requestedAt > Date.parse(value);
      case 'InvokedBefore':
        return (row) => row.requestedAt < Date.parse(value);
      case 'ExecutionStage':
        throw notImplemented('ssm:ListCommands with the filter ExecutionStage');
      default:
        throw unsatisfied(key, 'filters.1.member.key', 'Member must satisfy enum value set');
    }
  });
  return (row, status) => tests.every((test) => test(row, status));
}

type Listing = {
  tx: ReadTransaction;
  limit: number;
  range: { limit: number; reverse: true; after?: Uint8Array };
  seen(cursor: Uint8Array): void;
};

const resultsMax = 50;
/** Rows that one page looks at: a page may be shorter than asked for, and even empty. */
const rowsPerPageMax = 500;

async function page<Shown extends object>(
  request: ServiceRequest,
  { MaxResults: limit = resultsMax, NextToken: token }: ListInput,
  read: (list: Listing) => Promise<Shown>,
): Promise<Shown & { NextToken?: string }> {
  if (limit < 1 || limit > resultsMax)
    throw unsatisfied(String(limit), 'maxResults', `Member must have value less than or equal to ${resultsMax}`);
  if (token !== undefined && !/^[\w-]{1,1000}$/.test(token)) throw invalidNextToken();
  return request.store.read(async (tx) => {
    let last: Uint8Array | undefined;
    let count = 0;
    const range = { limit: rowsPerPageMax, reverse: true as const, ...(token && { after: Buffer.from(token, 'base64url') }) };
    const shown = await read({
      ...{ tx, limit, range },
      seen: (cursor) => {
        last = cursor;
        count++;
      },
    });
    const isFull = Object.values(shown).some((list) => Array.isArray(list) && list.length === limit) || count === rowsPerPageMax;
    return { ...shown, ...(isFull && last && { NextToken: tokenOf(last) }) };
  });
}
