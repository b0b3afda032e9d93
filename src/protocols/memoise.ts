/** One closure per shape, made when it is first needed: what every codec is built of. */

import type { Shape } from './model.ts';

/** Remembers what `make` makes of a shape. A shape that contains itself gets a closure that looks its own up when it is called. */
export function memoised<Closure extends (...given: never[]) => unknown>(make: (shape: Shape) => Closure): (shape: Shape) => Closure {
  const made = new WeakMap<Shape, Closure>();
  const making = new WeakSet<Shape>();
  const of = (shape: Shape): Closure => {
    const known = made.get(shape);
    if (known !== undefined) return known;
    if (making.has(shape)) return ((...given: never[]) => (made.get(shape) as Closure)(...given)) as Closure;
    making.add(shape);
    const closure = make(shape);
    made.set(shape, closure);
    return closure;
  };
  return of;
}
