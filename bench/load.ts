/** A load generator on raw sockets: complete HTTP/1.1 requests, made beforehand, so that the client costs little and the server is what is measured. */

import net from 'node:net';

export type Load = {
  port: number;
  connections: number;
  /** Requests in all. */ total: number;
  /** The n-th request, whole, head and body. */ request: (n: number) => Buffer;
  /** The beginning of each response, head and body, for what later requests need of it. */ onResponse?: (text: string) => void;
};
export type LoadResult = {
  requests: number;
  seconds: number;
  perSecond: number;
  p50Milliseconds: number;
  p99Milliseconds: number;
  failures: number;
  firstFailure: string;
};

/** Sends `total` requests over keep-alive connections, one at a time on each. A response that is not 2xx counts as a failure. */
export function load({ port, connections, total, request, onResponse }: Load): Promise<LoadResult> {
  return new Promise((resolve) => {
    const times: number[] = [];
    const begun = performance.now();
    let issued = 0;
    let failures = 0;
    let firstFailure = '';
    let open = connections;
    const finished = (): void => {
      if (--open > 0) return;
      const seconds = (performance.now() - begun) / 1_000;
      times.sort((a, b) => a - b);
      const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
      resolve({
        requests: times.length,
        seconds,
        perSecond: times.length / seconds,
        p50Milliseconds: at(0.5),
        p99Milliseconds: at(0.99),
        failures,
        firstFailure,
      });
    };
    const connect = (): void => {
      const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
      let sentAt = 0;
      let reader = responseReader();
      let idle = true;
      const next = (): void => {
        if (issued >= total) return void socket.destroy();
        reader = responseReader();
        idle = false;
        sentAt = performance.now();
        socket.write(request(issued++));
      };
      socket.on('connect', next);
      socket.on('data', (bytes: Buffer) => {
        const done = reader(bytes);
        if (!done) return;
        idle = true;
        times.push(performance.now() - sentAt);
        onResponse?.(done.text);
        if (done.status < 200 || done.status > 299) {
          failures++;
          firstFailure ||= done.text;
        }
        if (done.close) socket.destroy();
        else next();
      });
      socket.on('error', (error) => {
        failures++;
        firstFailure ||= String(error);
      });
      socket.on('close', () => {
        if (!idle) failures++;
        if (issued >= total) finished();
        else setTimeout(connect, 1);
      });
    };
    for (let i = 0; i < connections; i++) connect();
  });
}

type Done = { status: number; close: boolean; text: string };

/** Reads one response: by Content-Length, or chunked to its last chunk. */
function responseReader(): (bytes: Buffer) => Done | undefined {
  let head: string | undefined;
  let text = '';
  let left = 0;
  let chunked = false;
  return (bytes) => {
    if (head === undefined) {
      text += bytes.toString('latin1');
      let end = text.indexOf('\r\n\r\n');
      while (end >= 0 && text.startsWith('HTTP/1.1 100')) {
        text = text.slice(end + 4);
        end = text.indexOf('\r\n\r\n');
      }
      if (end < 0) return undefined;
      head = text.slice(0, end);
      chunked = /^transfer-encoding: *chunked/im.test(head);
      left = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0) - (text.length - end - 4);
    } else {
      left -= bytes.length;
      if (chunked) text = (text + bytes.toString('latin1')).slice(-16);
      else if (text.length < 2_000) text += bytes.toString('latin1');
    }
    if (chunked ? !text.endsWith('0\r\n\r\n') : left > 0) return undefined;
    return {
      status: Number(head.slice(9, 12)),
      close: /^connection: *close/im.test(head) || head.startsWith('HTTP/1.0'),
      text: text.slice(0, 2_000),
    };
  };
}
