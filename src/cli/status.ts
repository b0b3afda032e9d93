/** `haneul status` */

import type { CloudStatus } from '../control/status.ts';
import { dataOption, defineCommand, exitCodes } from './command.ts';
import { formatDuration } from './duration.ts';
import { dataDirectoryOf, findRunningCloud } from './running-cloud.ts';
import { columns, type Terminal } from './terminal.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'tell whether a cloud runs, and how it is',
  options: { data: dataOption },
  details: 'Exits with 0 when it runs, with 3 when not.',
  async run({ values, environment, terminal }) {
    const dataDirectory = dataDirectoryOf(values, environment);
    const cloud = await findRunningCloud(dataDirectory);
    if (!cloud) {
      if (values.json) terminal.json({ running: false, dataDirectory });
      else terminal.line(`No cloud is running on ${dataDirectory}. \`haneul up\` starts one.`);
      return exitCodes.notRunning;
    }
    const answer = await cloud.call<CloudStatus>('GET', '/_haneul/status');
    if (values.json) terminal.json({ running: true, endpoint: cloud.endpoint, pid: cloud.run.pid, ...answer });
    else print(terminal, cloud.endpoint, cloud.run.pid, answer);
    return exitCodes.ok;
  },
});

function print(terminal: Terminal, endpoint: string, pid: number, answer: CloudStatus): void {
  terminal.line(`${terminal.style('green', 'Running')} at ${terminal.style('bold', endpoint)}`);
  const moved =
    answer.clock.mode === 'frozen'
      ? ', frozen'
      : answer.clock.offset
        ? `, ${formatDuration(Math.abs(answer.clock.offset))} ${answer.clock.offset > 0 ? 'ahead' : 'behind'}`
        : '';
  const facts = [
    ['  process', `${pid}, up ${formatDuration(answer.uptimeMilliseconds)}, ${Math.round(answer.residentBytes / 2 ** 20)} MiB`],
    ['  version', answer.version],
    ['  data', answer.dataDirectory],
    ['  records', answer.places.store],
    ['  objects', answer.places.blobs],
    ['  addresses', `public ones of ${answer.publicRange}`],
    ['  clock', `${answer.clock.now}${moved}`],
    ['  keys', answer.testKey ? 'test/test is root (loopback only)' : 'real keys only'],
    ['  services', answer.services.running.join(', ') || 'none used yet'],
  ];
  for (const row of columns(facts)) terminal.line(row);
  if (answer.reconcilers.length === 0) return;
  terminal.line();
  const rows = answer.reconcilers.map((one) => [
    `  ${one.name}`,
    one.state,
    `${one.runs} runs`,
    one.lastError ? `${one.failures} failures; last: ${one.lastError}` : '',
  ]);
  terminal.line('Reconcilers');
  columns(rows).forEach((row, at) => terminal.line(answer.reconcilers[at]!.state === 'failing' ? terminal.style('red', row) : row));
}
