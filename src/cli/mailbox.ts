/** `haneul mailbox` */

import type { MailboxAnswer } from '../control/mailbox.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRunningCloud } from './running-cloud.ts';

export const mailbox = defineCommand({
  name: 'mailbox',
  summary: 'show the letters and text messages that it would have sent',
  usage: '[TO] [options]',
  options: { data: dataOption, reply: { type: 'string', value: 'TEXT', help: 'answer as the owner of the phone TO, for example STOP' } },
  positionalsMax: 1,
  details:
    'E-mail, SMS and push notifications have no way out of this cloud; they lie here, the newest first. TO is an address or a phone number.',
  async run({ values, positionals: [to], environment, terminal }) {
    const cloud = await requireRunningCloud(values, environment);
    if (values.reply !== undefined) {
      if (to === undefined) throw new CommandError('Say which phone answers: haneul mailbox +15550100 --reply STOP', exitCodes.wrongUsage);
      await cloud.call('POST', '/_haneul/mailbox', { from: to, body: values.reply });
      terminal.line(`${to} has answered.`);
      return exitCodes.ok;
    }
    const answer = await cloud.call<MailboxAnswer>('GET', `/_haneul/mailbox${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`);
    if (values.json) terminal.json(answer);
    else if (answer.letters.length === 0) terminal.line('The mailbox is empty.');
    else
      for (const letter of answer.letters) {
        terminal.line(terminal.style('bold', `${letter.kind} to ${letter.to}${letter.subject === '' ? '' : `: ${letter.subject}`}`));
        terminal.line(terminal.style('dim', `${letter.at}, ${letter.service} in ${letter.region} of ${letter.account}`));
        for (const line of letter.body.split('\n')) terminal.line(`  ${line}`);
        terminal.line();
      }
    return exitCodes.ok;
  },
});
