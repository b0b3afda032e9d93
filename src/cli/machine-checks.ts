/** Checks of this machine that are no programs to find: the runtime, the disk's speed, the port, the rights. */

import { constants } from 'node:fs';
import { access, mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { skyObstacle } from '../host/sky/permission.ts';
import type { Finding } from './needs.ts';

const haneul = (): Pick<Finding, 'neededBy' | 'packages'> => ({ neededBy: ['haneul'], packages: [] });
const syncs = 64;
const syncsPerSecondMin = 100;
const memoryBytesMin = 2 ** 30;

export function checkRuntime(): Finding {
  const memory = `${(totalmem() / 2 ** 30).toFixed(1)} GiB of memory`;
  return {
    ...haneul(),
    name: 'Node',
    why: 'everything',
    state: totalmem() < memoryBytesMin ? 'weak' : 'ok',
    detail: `${process.version}, ${availableParallelism()} cores, ${memory}`,
  };
}

/** How often a second the disk makes 4 KiB durable, one at a time: the floor under every lone write. */
export async function checkSyncRate(directory: string): Promise<Finding> {
  const scratch = await mkdtemp(join(directory, 'doctor-'));
  try {
    const file = await open(join(scratch, 'sync'), 'w');
    const page = Buffer.alloc(4096, 1);
    const start = performance.now();
    for (let round = 0; round < syncs; round++) {
      await file.write(page, 0, page.length, round * page.length);
      await file.datasync();
    }
    const perSecond = Math.round((syncs * 1000) / (performance.now() - start));
    await file.close();
    return {
      ...haneul(),
      name: 'disk sync',
      why: 'acknowledged writes are durable',
      state: perSecond < syncsPerSecondMin ? 'weak' : 'ok',
      detail: `${perSecond} fdatasync a second`,
    };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Whether a port of this machine can be listened on. `ours` is true where a cloud of ours holds it. */
export async function checkPort(port: number, ours: boolean): Promise<Finding> {
  const failure = ours ? undefined : await listenFailure(port);
  return {
    ...haneul(),
    name: `port ${port}`,
    why: 'where AWS tools look',
    state: failure ? 'weak' : 'ok',
    detail: ours ? 'a cloud of yours listens there' : (failure ?? 'free'),
  };
}

function listenFailure(port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'another program listens there; choose one with --port' : error.message),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

export async function checkRights(): Promise<Finding[]> {
  const [kvm, kvmDetail] = await usable('/dev/kvm');
  return [
    ...(await checkRoot()),
    {
      name: '/dev/kvm',
      neededBy: ['ec2'],
      why: 'machines run at full speed',
      state: kvm ? 'ok' : 'missing',
      detail: kvmDetail,
      packages: [],
    },
  ];
}

async function checkRoot(): Promise<Finding[]> {
  const root: Omit<Finding, 'state' | 'detail'> = {
    name: 'root',
    neededBy: ['ec2'],
    why: 'networks, volumes and machines are made by the kernel',
    packages: [],
  };
  if (process.getuid?.() === 0) return [{ ...root, state: 'ok', detail: 'yes' }];
  const obstacle = await skyObstacle();
  const missing = 'no; EC2 needs root, or namespaces of your own; all else needs neither';
  return [
    { ...root, state: obstacle === undefined ? 'weak' : 'missing', detail: obstacle === undefined ? lesser : missing },
    {
      name: 'rootless',
      neededBy: ['ec2'],
      why: 'instances of an ordinary user',
      state: obstacle === undefined ? 'ok' : 'missing',
      detail: obstacle ?? 'instances are machines with kernels of their own, in namespaces of yours',
      packages: obstacle?.includes('install uidmap') ? ['uidmap'] : [],
    },
  ];
}

const lesser = 'no; containers, encrypted volumes, limits of processors and disks, --egress and public addresses on this machine need it';

async function usable(path: string): Promise<[boolean, string]> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return [true, 'yes'];
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return [false, missing ? 'not there; machines are emulated, slowly' : 'not ours to use; join the group kvm'];
  }
}
