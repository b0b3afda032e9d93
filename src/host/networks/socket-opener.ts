/** The child that opens one socket in the namespace it was started in, hands it to its parent and ends. */

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [, , protocol, address = '', port = ''] = process.argv;

/** The handle is another process's once it has been sent. */
function hand(handle: import('node:net').Server | import('node:dgram').Socket): void {
  process.send!(protocol, handle, {}, () => process.exit(0));
}

if (protocol === 'tcp') {
  const server = createServer();
  server.listen(Number(port), address, () => hand(server));
} else {
  const socket = createSocket('udp4');
  socket.bind(Number(port), address, () => hand(socket));
}
