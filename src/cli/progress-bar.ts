/** How far something is: a bar where a person looks, a line a step elsewhere. On standard error, apart from what a command prints. */

export type ProgressBar = {
  /** @param share from 0 to 1. */
  show(share: number, step: string): void;
  /** Takes the bar away. */
  end(): void;
};

const cells = 30;

export function progressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  let last = '';
  if (stream.isTTY !== true)
    return {
      show: (_share, step) => {
        if (step !== last) stream.write(`${step}\n`);
        last = step;
      },
      end: () => undefined,
    };
  return {
    show: (share, step) => {
      const full = Math.round(Math.min(1, Math.max(0, share)) * cells);
      const text = `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${String(Math.round(share * 100)).padStart(3)}% ${step}`.slice(
        0,
        stream.columns - 1,
      );
      if (text !== last) stream.write(`\r\x1b[K${text}`);
      last = text;
    },
    end: () => {
      if (last !== '') stream.write('\r\x1b[K');
      last = '';
    },
  };
}
