/** The child that opens connections inside a machine's network and hands them to its parent, with which it ends. */

import { connect } from 'node:net';

type Wanted = { number: number; address: string; port: number };

process.on('message', ({ number, address, port }: Wanted) => {
  const socket = connect({ host: address, port, allowHalfOpen: true });
  // Not a byte is read here: all of them are the parent's.
  socket.pause();
  const refuse = (error: NodeJS.ErrnoException): void => void process.send!({ number, refused: error.code ?? error.message });
  socket.once('error', refuse);
  socket.once('connect', () => {
    socket.off('error', refuse);
    process.send!({ number }, socket);
  });
});
process.on('disconnect', () => process.exit(0));
process.send!({ number: 0 });
