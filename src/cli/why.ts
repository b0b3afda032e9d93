/** `haneul why` */

import type { DecidedCheck, WhyAnswer } from '../control/why.ts';
import type { StatementExplanation } from '../framework/policy/explain.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';
import { columns, type Terminal } from './terminal.ts';

const layerNames: Readonly<Record<string, string>> = {
  identity: 'identity policies',
  resource: 'resource policy',
  trust: 'trust policy',
  boundary: 'permissions boundary',
  session: 'session policies',
  serviceControl: 'service control policies',
  resourceControl: 'resource control policies',
  endpoint: 'policy of the VPC endpoint',
};

export const why = defineCommand({
  name: 'why',
  summary: 'explain how a request was decided',
  usage: 'REQUEST-ID [options]',
  options: { data: dataOption },
  positionalsMax: 1,
  details:
    'The request id is in every error and in the header x-amzn-requestid, for S3 x-amz-request-id (`aws --debug` shows it). Tells who called, what was asked for,\nwhich statements allowed or denied it, and the smallest policy that would have let a denied call pass.',
  async run({ values, positionals: [requestId], environment, terminal }) {
    if (requestId === undefined)
      throw new CommandError('why needs a request id; it is in the error that the call answered', exitCodes.wrongUsage);
    const cloud = await requireRunningCloud(values, environment);
    const answer = await cloud.call<WhyAnswer>('GET', `/_haneul/why/${encodeURIComponent(requestId)}`);
    if (values.json) terminal.json(answer);
    else print(terminal, answer);
    return exitCodes.ok;
  },
});

function print(terminal: Terminal, answer: WhyAnswer): void {
  const { caller, error } = answer;
  const facts = [
    ['who', `${caller.arn}${caller.accessKeyId ? ` (${caller.accessKeyId})` : ''}`],
    ['did', `${answer.service} ${answer.operation} in ${answer.region}`],
    ['when', `${answer.time}, from ${answer.sourceIp}`],
    ['outcome', error ? `${error.code}: ${error.message}` : 'done'],
  ];
  for (const row of columns(facts)) terminal.line(row);
  if (answer.checks.length === 0) {
    terminal.line();
    terminal.line(error ? 'It was refused before any policy was asked.' : 'It needs no permission.');
  }
  for (const check of answer.checks) printCheck(terminal, check);
}

function printCheck(terminal: Terminal, check: DecidedCheck): void {
  terminal.line();
  const verdict = check.allowed ? terminal.style('green', 'allowed') : terminal.style('red', 'denied');
  terminal.line(`${verdict} ${terminal.style('bold', check.action)} on ${check.resource}`);
  terminal.line(`  ${reasonOf(check)}`);
  for (const [key, value] of Object.entries(check.context ?? {}))
    if (value !== undefined) terminal.line(terminal.style('dim', `  with ${key} = ${[value].flat().join(', ')}`));
  for (const layer of check.explanation?.layers ?? []) {
    terminal.line(`  ${layerNames[layer.layer] ?? layer.layer}${layer.level === undefined ? '' : `, level ${layer.level}`}`);
    for (const { policy, statements } of layer.policies) {
      for (const statement of statements) terminal.line(`    ${statementLine(terminal, policy, statement)}`);
    }
  }
  for (const { layer, policy } of check.explanation?.suggestions ?? []) {
    terminal.line(`  The smallest addition to the ${layerNames[layer] ?? layer} that would allow it:`);
    for (const line of JSON.stringify(policy, null, 2).split('\n')) terminal.line(terminal.style('cyan', `    ${line}`));
  }
}

function reasonOf({ allowed, effect, layer, matched }: DecidedCheck): string {
  const [statement] = matched;
  if (statement) return `by statement ${statement.sid ?? statement.index + 1} of ${statement.policy} (${layerNames[statement.layer]})`;
  if (allowed) return 'the root user, or the service itself, needs no policy';
  return effect === 'explicitDeny' ? 'by an explicit deny' : `because nothing in the ${layer ? layerNames[layer] : 'policies'} allows it`;
}

function statementLine(terminal: Terminal, policy: string, statement: StatementExplanation): string {
  const label = `${policy}, statement ${statement.sid ?? statement.index + 1} (${statement.effect})`;
  if (statement.matched) return terminal.style(statement.effect === 'Allow' ? 'green' : 'red', `${label} fits`);
  const unmet = (statement.conditions ?? []).map(
    ({ operator, key, wanted, actual }) =>
      `${operator} ${key} wants ${wanted.join(' or ')}, it is ${actual === undefined ? 'absent' : [actual].flat().join(', ')}`,
  );
  return terminal.style('dim', `${label} does not fit: ${unmet.length > 0 ? unmet.join('; ') : `another ${statement.failed}`}`);
}
