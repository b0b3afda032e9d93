/** Where the `due` rows of a FIFO queue's messages in flight lie: they are there to be counted, not received, and so lie apart. */

export const heldPile = (pile: string): string => `${pile}/`;
