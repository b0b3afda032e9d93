/** Does KVM run guests here? A device file that is there says little: inside another machine it may be refused, or hang. */

import { spawn } from 'node:child_process';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../programs.ts';

const bootMillisecondsMax = 2000;
/** Writes the letter K to the first serial line, and loops: mov dx,3f8h; mov al,'K'; out dx,al; jmp -3 */
const code = [0xba, 0xf8, 0x03, 0xb0, 0x4b, 0xee, 0xeb, 0xfe];

let known: Promise<boolean> | undefined;

/** Boots 512 bytes, once in the life of this process. */
export function kvmWorks(): Promise<boolean> {
  return (known ??= probe());
}

async function probe(): Promise<boolean> {
  const present = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!present) return false;
  const directory = await mkdtemp(join(tmpdir(), 'haneul-kvm-'));
  try {
    const sector = Buffer.alloc(512);
    sector.set(code);
    sector.writeUInt16LE(0xaa55, 510);
    await writeFile(join(directory, 'sector'), sector);
    return await boots(join(directory, 'sector'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

function boots(sector: string): Promise<boolean> {
  const drive = ['-drive', `if=floppy,format=raw,file=${sector}`, '-boot', 'a', '-serial', 'stdio', '-monitor', 'none'];
  const machine = ['-machine', 'pc', '-accel', 'kvm', '-cpu', 'host', '-m', '16', '-nodefaults', '-no-user-config', '-display', 'none'];
  const child = spawn('qemu-system-x86_64', [...machine, ...drive], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: programPath },
    timeout: bootMillisecondsMax,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', () => resolve(false));
    child.stdout.on('data', (bytes: Buffer) => {
      resolve(bytes.includes('K'));
      child.kill('SIGKILL');
    });
  });
}
