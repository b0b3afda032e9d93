/** Work for which several may ask at one time. */

/** Whoever asks for what is being done already, by its name, is given the same promise. */
export function shared<Rest extends unknown[], Result>(
  act: (name: string, ...rest: Rest) => Promise<Result>,
): (name: string, ...rest: Rest) => Promise<Result> {
  const underWay = new Map<string, Promise<Result>>();
  return (name, ...rest) => {
    const present = underWay.get(name);
    if (present) return present;
    const done = act(name, ...rest).finally(() => underWay.delete(name));
    underWay.set(name, done);
    return done;
  };
}
