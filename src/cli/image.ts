/** `haneul image` */

import { realpath } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { ImageRefused } from '../host/images/archives.ts';
import { buildImage, importImage, removeImage } from '../host/images/adding.ts';
import { openImages } from '../host/images/images.ts';
import { builtInId } from '../services/ec2/images/image.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { progressBar } from './progress-bar.ts';
import { dataDirectoryOf } from './running-cloud.ts';
import { columns, type Terminal } from './terminal.ts';

export const image = defineCommand({
  name: 'image',
  summary: 'list, build, import and remove what instances boot from',
  usage: '[list|build debian-12|import PATH|remove NAME] [options]',
  options: {
    data: dataOption,
    name: { type: 'string', value: 'NAME', help: 'with import: what it is called (default: after its file)' },
    region: { type: 'string', value: 'REGION', help: 'whose image ids are shown (default: us-east-1)' },
  },
  positionalsMax: 2,
  details: [
    'Images are public AMIs of every region, as soon as they are there, whether the cloud runs or not. Root of this machine makes them.',
    '`build` takes debian-11, debian-12 or debian-13, from the mirrors that apt uses here. `import` takes a tar of a root file system (plain,',
    'gzip or zstd), a disk with a system on ext4 (qcow2, VHD, VHDX, VMDK or raw; needs qemu-utils), a directory in the layout of OCI, or',
    'docker://… where skopeo is installed. An imported image gets an SSH server if it has',
    'none, the user ec2-user, and a first process of ours that runs user data. `remove` gives the room of one back; instances, volumes and',
    'images that were made from it stay, and boot as before.',
    '',
    'Examples:',
    '  haneul image build debian-12',
    '  haneul image import ./alpine-minirootfs.tar.gz --name alpine',
    '  haneul image import ./debian-12-generic-amd64.qcow2 --name debian-cloud',
    '  haneul image remove alpine',
  ].join('\n'),
  async run({ values, positionals: [what = 'list', given], environment, terminal }) {
    const directory = join(await realDirectory(dataDirectoryOf(values, environment)), 'images');
    const region = values.region ?? 'us-east-1';
    const json = values.json === true;
    if (what === 'list' && given === undefined) {
      await list(terminal, directory, region, json);
      return exitCodes.ok;
    }
    if (!['build', 'import', 'remove'].includes(what) || given === undefined)
      throw new CommandError(
        'image takes list, build with a name such as debian-12, import with a path, or remove with a name',
        exitCodes.wrongUsage,
      );
    if (process.getuid?.() !== 0) throw new CommandError('only root may make and remove images; run it with sudo', exitCodes.failed);
    if (what === 'remove') {
      await removeImage(directory, given).catch(refused);
      if (json) terminal.json({ name: given, removed: true });
      else terminal.line(`${terminal.style('bold', given)} is gone.`);
      return exitCodes.ok;
    }
    const from = given.startsWith('docker://') || isAbsolute(given) ? given : resolve(environment.workingDirectory, given);
    const name = what === 'build' ? given : (values.name ?? nameAfter(given));
    const bar = progressBar();
    try {
      if (what === 'build') await buildImage(directory, name, bar.show);
      else await importImage(directory, from, name, bar.show);
    } catch (error) {
      refused(error);
    } finally {
      bar.end();
    }
    const id = builtInId('ami', region, name);
    if (json) terminal.json({ name, region, imageId: id });
    else terminal.line(`${terminal.style('bold', name)} is there: ${id} in ${region}.`);
    return exitCodes.ok;
  },
});

function refused(error: unknown): never {
  if (error instanceof ImageRefused) throw new CommandError(error.message);
  throw error;
}

/** By its real path, as the running cloud has it. */
async function realDirectory(data: string): Promise<string> {
  try {
    return await realpath(data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CommandError(`there is no cloud at ${data}; start one with \`haneul up\``);
    throw error;
  }
}

/** `alpine-minirootfs-3.20` of `alpine-minirootfs-3.20.tar.gz`. */
const nameAfter = (path: string): string =>
  basename(path)
    .replace(/\.(tar|tgz|tar\.gz|tar\.zst|tzst|qcow2|vhd|vhdx|vmdk|raw|img)$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-');

async function list(terminal: Terminal, directory: string, region: string, json: boolean): Promise<void> {
  const images = (await openImages(directory).list()).map((one) => ({ ...one, imageId: builtInId('ami', region, one.name) }));
  if (json) return terminal.json({ region, images });
  if (images.length === 0) return terminal.line('There are no images here; `haneul doctor` tells what they need.');
  const rows = images.map((one) => [one.name, one.imageId, one.ready ? 'ready' : 'made when it is first used', one.description]);
  for (const line of columns([['NAME', `ID IN ${region}`, '', ''], ...rows])) terminal.line(line);
}
