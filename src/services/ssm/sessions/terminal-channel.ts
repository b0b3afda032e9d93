/** A session that is a shell: what is typed goes into a terminal of the instance, and what that shows comes back. */

import type { MachineTerminal } from '../../../framework/machines.ts';
import type { PageMeans } from '../../../framework/service.ts';
import type { WebSocketEnd } from '../../../framework/web-socket.ts';
import { terminalSideMax } from '../limits.ts';
import type { Session } from '../tables.ts';
import { payloadTypes, type AgentMessage } from './agent-message.ts';
import { createConversation, membersOf } from './conversation.ts';
import type { Channel } from './channel.ts';

const firstSize = { columns: 80, rows: 24 };
const windowMessages = 64;

/** Rejects with MachineFailed where no terminal can be had. */
export async function openTerminalChannel(means: PageMeans, session: Session, end: WebSocketEnd): Promise<Channel> {
  const { stream, resize, ended } = await means.host.machines.terminal(session.target, firstSize);
  const hears = ({ payloadType, payload }: AgentMessage): void => {
    if (payloadType === payloadTypes.size) return asSize(payload, resize);
    if (payloadType !== payloadTypes.output || stream.destroyed || stream.write(payload)) return;
    end.pause();
    stream.once('drain', () => end.resume());
  };
  const { take, say, release, finish } = createConversation(means, session, end, { window: windowMessages, hears });
  const show = async (): Promise<void> => {
    try {
      for await (const payload of stream as AsyncIterable<Buffer>) await say(payload);
    } catch {
      // Hung up on.
    }
    await finish();
  };
  return {
    take,
    run: async () => {
      await Promise.all([show(), ended]);
    },
    hangUp: () => {
      stream.destroy();
      release();
    },
  };
}

/** Where it is no size the terminal keeps its own. */
function asSize(payload: Buffer, resize: MachineTerminal['resize']): void {
  const { cols, rows } = membersOf(payload);
  const fits = (side: unknown): side is number => Number.isInteger(side) && (side as number) > 0 && (side as number) <= terminalSideMax;
  if (fits(cols) && fits(rows)) resize({ columns: cols, rows });
}
