/** `haneul stop` */

import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../host/process-identity.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { parseDuration } from './duration.ts';
import { dataDirectoryOf, findRunningCloud } from './running-cloud.ts';

export const stop = defineCommand({
  name: 'stop',
  summary: 'stop a running cloud',
  options: {
    data: dataOption,
    timeout: { type: 'string', value: 'DURATION', help: 'how long to wait for it to finish (default: 30s)' },
    force: { type: 'boolean', help: 'kill it when it has not stopped in time' },
  },
  details: 'A cloud that does not run counts as stopped. Nothing that was acknowledged is lost, even with --force.',
  async run({ values, environment, terminal }) {
    const milliseconds = parseDuration(values.timeout ?? '30s');
    if (milliseconds === undefined)
      throw new CommandError(`--timeout takes a duration such as 30s, not '${values.timeout}'`, exitCodes.wrongUsage);
    const dataDirectory = dataDirectoryOf(values, environment);
    const cloud = await findRunningCloud(dataDirectory);
    if (!cloud) {
      if (values.json) terminal.json({ stopped: false, dataDirectory });
      else terminal.line(`No cloud is running on ${dataDirectory}.`);
      return exitCodes.ok;
    }
    process.kill(cloud.run.pid, 'SIGTERM');
    if (!(await hasEnded(cloud.run, milliseconds))) {
      if (!values.force) throw new CommandError(`process ${cloud.run.pid} has not stopped yet; \`haneul stop --force\` kills it`);
      process.kill(cloud.run.pid, 'SIGKILL');
      await hasEnded(cloud.run, milliseconds);
    }
    if (values.json) terminal.json({ stopped: true, pid: cloud.run.pid, dataDirectory });
    else terminal.line(`Stopped (process ${cloud.run.pid}).`);
    return exitCodes.ok;
  },
});

async function hasEnded(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (await isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}
