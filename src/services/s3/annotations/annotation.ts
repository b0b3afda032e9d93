/** What an annotation may be called, and what an object's record says of all of its own: https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html. Pure. */

import { annotationLimitExceeded, annotationNameTooLong, invalidAnnotationName, invalidAnnotationPrefix } from '../errors.ts';
import { annotationNameBytesMax, annotationsMax } from '../limits.ts';
import type { Annotations } from '../tables.ts';
import type { Annotation } from './tables.ts';

const nameForm = /^[\p{L}0-9_.-]+$/u;
const reserved = /^(?:aws|s3)/i;

/** Throws AnnotationNameTooLong or InvalidAnnotationName. */
export function checkAnnotationName(name: string): void {
  if (Buffer.byteLength(name) > annotationNameBytesMax) throw annotationNameTooLong();
  if (!nameForm.test(name) || reserved.test(name)) throw invalidAnnotationName();
}

/** Throws InvalidPrefix for what no name begins with. */
export function checkAnnotationPrefix(prefix: string | undefined): void {
  if (prefix === undefined || prefix === '') return;
  if (Buffer.byteLength(prefix) > annotationNameBytesMax || !nameForm.test(prefix)) throw invalidAnnotationPrefix();
}

/** The summary once an annotation has taken another's place, or has come where none was. Throws AnnotationLimitExceeded. */
export function withAnnotation(all: Annotations, old: Annotation | undefined, next: Pick<Annotation, 'size'>, now: number): Annotations {
  const count = all.count + (old ? 0 : 1);
  if (count > annotationsMax) throw annotationLimitExceeded();
  return { ...all, count, bytes: all.bytes - (old?.size ?? 0) + next.size, since: now };
}

/** The summary without an annotation; undefined when it was the last. */
export function withoutAnnotation(all: Annotations, old: Annotation, now: number): Annotations | undefined {
  return all.count === 1 ? undefined : { ...all, count: all.count - 1, bytes: all.bytes - old.size, since: now };
}
