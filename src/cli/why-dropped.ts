/** `haneul why-dropped` */

import type { Explained } from '../services/ec2/network-insights/refusal.ts';
import type { DropOf, WhyDroppedAnswer } from '../services/ec2/network-insights/why-dropped.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';
import type { Terminal } from './terminal.ts';

const kindNames: Readonly<Record<string, string>> = {
  'security-group': 'the security group',
  'network-acl': 'the network ACL',
  'route-table': 'the route table',
  'internet-gateway': 'the internet gateway',
  'nat-gateway': 'the NAT gateway',
  'vpc-peering-connection': 'the peering connection',
  interface: 'the interface',
};

export const whyDropped = defineCommand({
  name: 'why-dropped',
  summary: 'tell which packets were dropped, by what, and what would let them through',
  usage: '[FROM [TO [PORT]]] [options]',
  options: {
    data: dataOption,
    protocol: { type: 'string', value: 'NAME', help: 'tcp, udp or icmp' },
  },
  positionalsMax: 3,
  details: [
    'An end is an instance, an interface or an IP address. Without ends it tells of all networks: what they have dropped within the last',
    'hour, counted by the kernel, whether flow logs are on or not. With both ends it says too what would become of such a packet now.',
    '',
    'Examples:',
    '  haneul why-dropped',
    '  haneul why-dropped i-0a1b2c3d4e5f60718 10.0.2.10 22',
  ].join('\n'),
  async run({ values, positionals: [from, to, port], environment, terminal }) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ from, to, port, protocol: values.protocol }))
      if (value !== undefined) query.set(name, value);
    if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new CommandError('the port is a number', exitCodes.wrongUsage);
    const cloud = await requireRunningCloud(values, environment);
    const answer = await cloud.call<WhyDroppedAnswer>('GET', `/_aws/ec2/why-dropped?${query.toString()}`);
    if (values.json) terminal.json(answer);
    else print(terminal, answer);
    return exitCodes.ok;
  },
});

function print(terminal: Terminal, { drops, now }: WhyDroppedAnswer): void {
  if (drops.length === 0) terminal.line('Nothing was dropped within the last hour.');
  for (const drop of drops) printDrop(terminal, drop);
  if (!now) return;
  terminal.line();
  const what = `${now.source} → ${now.destination}, ${now.protocol}${now.port === undefined ? '' : ` ${now.port}`}`;
  const verdict = now.reached ? terminal.style('green', 'passes, and so does the answer') : terminal.style('red', 'does not pass');
  terminal.line(`now ${terminal.style('bold', what)} ${verdict}`);
  if (now.stopped) printReason(terminal, now.stopped);
}

function printDrop(terminal: Terminal, drop: DropOf): void {
  const what = `${drop.source} → ${drop.destination}, ${drop.protocol}${drop.port === undefined ? '' : ` ${drop.port}`}`;
  const seen = `${drop.packets} ${drop.packets === 1 ? 'packet' : 'packets'}, the last ${drop.secondsAgo} s ago`;
  terminal.line(`${terminal.style('red', 'dropped')} ${terminal.style('bold', what)}  ${terminal.style('dim', seen)}`);
  const holder =
    drop.interface === undefined ? `in ${drop.vpc}` : `at ${drop.interface}${drop.instance === undefined ? '' : ` of ${drop.instance}`}`;
  printReason(terminal, drop, `${holder}, ${drop.direction === 'egress' ? 'going out' : 'coming in'}: `);
}

function printReason(terminal: Terminal, { by, why, allow }: Explained, where = ''): void {
  const who = by && by.ids.length > 0 ? `by ${kindNames[by.kind] ?? by.kind} ${by.ids.join(', ')} ` : '';
  terminal.line(`  ${who}${where}${where === '' && who !== '' ? ': ' : ''}${why}`.replace(' :', ':'));
  if (!allow) return;
  terminal.line(`  The smallest rule that would let it through, ${allow.words}:`);
  terminal.line(terminal.style('cyan', `    ${allow.command.join(' ')}`));
}
