/**
 * Preloaded into mocha when dynalite's own suite runs: the suite starts a server in its process by `require('..')`, and gets one that
 * passes bytes on to the Haneul of HANEUL_PORT (and, for TLS, of HANEUL_TLS_PORT) instead.
 */

'use strict';

const http = require('node:http');
const https = require('node:https');
const Module = require('node:module');
const net = require('node:net');
const { dirname, join } = require('node:path');

/** What the suite asks of dynalite: a server that listens and closes. */
function relay({ ssl = false } = {}) {
  const port = Number(ssl ? process.env.HANEUL_TLS_PORT : process.env.HANEUL_PORT);
  const sockets = new Set();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const haneul = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, other] of [
      [client, haneul],
      [haneul, client],
    ]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  });
  const { close } = server;
  server.close = (done) => {
    for (const socket of sockets) socket.destroy();
    return close.call(server, done);
  };
  return server;
}

/** The suite is named AWS's own host, as when it runs against AWS, so that what it does not sign can be told to be DynamoDB's. */
const host = `dynamodb.${process.env.AWS_REGION}.amazonaws.com`;

function named(options) {
  options.headers = { Host: host, ...options.headers };
  return options;
}

for (const wire of [http, https]) {
  const { request } = wire;
  wire.request = (options, ...rest) => request(named(options), ...rest);
}

const load = Module._load;
Module._load = function loadOrRelay(request, parent, isMain) {
  const isSuite = parent !== undefined && dirname(parent.filename) === join(process.cwd(), 'test');
  if (isSuite && request === '..') return relay;
  const loaded = load(request, parent, isMain);
  return isSuite && request === 'aws4'
    ? { ...loaded, sign: (options) => loaded.sign(Object.assign(named(options), { service: 'dynamodb' })) }
    : loaded;
};
