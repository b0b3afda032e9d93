/** Scripts in machines: each has a folder inside, in which its text, its output and at last its exit code lie. */

import { MachineFailed, type Machines } from '../../framework/machines.ts';
import { scriptErrorBytesMax, scriptOutputBytesMax, type Scripts, type ScriptState } from '../../framework/scripts.ts';

const folder = 'd=/var/lib/haneul-scripts/$1';
const [unknown, running, lost] = [3, 4, 5];
/** A script of the length that Systems Manager takes arrives within this. */
const milliseconds = 30_000;

/**
 * What the script is told goes by files alone, so nothing waits for it; it leads a group of processes of its own, by which it is ended.
 * The code is moved to its name when it is whole.
 */
const begin = `
umask 077
${folder}
[ -e "$d/group" ] && exit 0
mkdir -p "$d" && cat > "$d/script" || exit 1
setsid sh -c '
  cd "$2" 2> "$1/errors" && sh "$1/script" > "$1/output" 2> "$1/errors"
  echo $? > "$1/code.new" && mv "$1/code.new" "$1/code"
' sh "$d" "\${2:-$d}" < /dev/null > /dev/null 2>&1 &
echo $! > "$d/group"
`;

/** The first line says the code, and how many bytes of what follows are output. */
const look = `
${folder}
[ -e "$d/group" ] || exit ${unknown}
if [ ! -e "$d/code" ]; then
  kill -0 "$(cat "$d/group")" 2> /dev/null && exit ${running}
  [ -e "$d/code" ] || exit ${lost}
fi
for name in output errors; do [ -e "$d/$name" ] || : > "$d/$name"; done
echo "$(cat "$d/code") $(head -c ${scriptOutputBytesMax} "$d/output" | wc -c)"
head -c ${scriptOutputBytesMax} "$d/output"
head -c ${scriptErrorBytesMax} "$d/errors"
`;

/** What a script that is ended has done is 137, as shells tell of those that are killed. */
const end = `
${folder}
[ -e "$d/group" ] || exit ${unknown}
[ -e "$d/code" ] && exit 0
kill -KILL -- "-$(cat "$d/group")" 2> /dev/null
echo 137 > "$d/code.new" && mv "$d/code.new" "$d/code"
`;

const forget = `
${folder}
rm -rf "$d"
`;

/** @param machines in which they run. */
export function openScripts(machines: Pick<Machines, 'execute'>): Scripts {
  const shell = (machine: string, text: string, name: string, ...more: readonly string[]) =>
    machines.execute(machine, ['/bin/sh', '-c', text, 'sh', checked(name), ...more], { milliseconds });
  return {
    async begin(machine, name, { text, directory = '' }) {
      const command = ['/bin/sh', '-c', begin, 'sh', checked(name), directory];
      const { code, output } = await machines.execute(machine, command, { input: text, milliseconds });
      if (code !== 0) throw new MachineFailed(`the script could not be begun: ${output.toString().trim().slice(-200)}`);
    },
    async look(machine, name) {
      const { code, output } = await shell(machine, look, name);
      if (code === unknown) return undefined;
      if (code === running) return { state: 'running' };
      return code === 0 ? stateOf(output) : { state: 'lost' };
    },
    end: async (machine, name) => void (await shell(machine, end, name)),
    forget: async (machine, name) => void (await shell(machine, forget, name)),
  };
}

/** It becomes a folder's name. */
function checked(name: string): string {
  if (!/^[\w-]{1,64}$/.test(name)) throw new TypeError(`${name} names no script`);
  return name;
}

function stateOf(told: Buffer): ScriptState {
  const line = told.indexOf('\n');
  const [, code, bytes] = /^(\d+) +(\d+)$/.exec(told.toString('latin1', 0, line)) ?? [];
  if (code === undefined) return { state: 'lost' };
  const output = told.subarray(line + 1);
  return {
    state: 'ended',
    code: Number(code),
    output: output.toString('utf8', 0, Number(bytes)),
    errors: output.toString('utf8', Number(bytes)),
  };
}
