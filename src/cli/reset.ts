/** `haneul reset` */

import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';

export const reset = defineCommand({
  name: 'reset',
  summary: 'forget everything in a running cloud',
  options: { data: dataOption, yes: { type: 'boolean', short: 'y', help: 'do not ask' } },
  details: 'All users, buckets, objects and every other resource go; the clock stays where it is. There is no way back.',
  async run({ values, environment, terminal }) {
    const cloud = await requireRunningCloud(values, environment);
    if (!values.yes && !terminal.interactive)
      throw new CommandError('reset deletes everything; say --yes where nobody can be asked', exitCodes.wrongUsage);
    if (!values.yes && !(await terminal.confirm(`Delete everything in the cloud at ${cloud.endpoint}?`)))
      throw new CommandError('nothing was deleted');
    const answer = await cloud.call<{ reset: true }>('POST', '/_haneul/reset', {});
    if (values.json) terminal.json(answer);
    else terminal.line('Everything is forgotten.');
    return exitCodes.ok;
  },
});
