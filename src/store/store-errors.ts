/** What the store may throw. */

export class ForeignAwait extends Error {
  override name = 'ForeignAwait';
  constructor() {
    super('a transaction closure awaited something other than its transaction');
  }
}

export class TransactionOver extends Error {
  override name = 'TransactionOver';
  constructor() {
    super('the transaction was used after its closure had ended');
  }
}

/** A write kept conflicting with others, however often it was run again. */
export class TooManyConflicts extends Error {
  override name = 'TooManyConflicts';
}

export class LeaseHeld extends Error {
  override name = 'LeaseHeld';
}

export class LeaseLost extends Error {
  override name = 'LeaseLost';
}

export class StoreClosed extends Error {
  override name = 'StoreClosed';
  constructor() {
    super('the store is closed');
  }
}

/** Another process (or this one) has the data directory open. */
export class StoreInUse extends Error {
  override name = 'StoreInUse';
}

/** The data directory cannot be created or written; the message names it and says why. */
export class StoreUnwritable extends Error {
  override name = 'StoreUnwritable';
}

/** The disk is full: the write did not happen, nothing that was acknowledged is lost, reads go on, and so do writes once there is space. */
export class StoreFull extends Error {
  override name = 'StoreFull';
}

/** The disk failed in a way that leaves it unknown what it holds: writes are refused until a restart has recovered the log; reads go on. */
export class StoreFailed extends Error {
  override name = 'StoreFailed';
}

/** The database cannot be reached, or was lost in the middle of a transaction, whose outcome is then unknown. It is tried again with the next call. */
export class StoreAway extends Error {
  override name = 'StoreAway';
}

export class ValueTooLarge extends Error {
  override name = 'ValueTooLarge';
}

export class KeyTooLarge extends Error {
  override name = 'KeyTooLarge';
}

/** A newer release of Haneul wrote records that this one does not understand. */
export class NewerRecord extends Error {
  override name = 'NewerRecord';
  /** The name of the table. */
  readonly table: string;
  constructor(table: string, found: number, known: number) {
    super(`the table ${table} holds records of version ${found}, this release knows version ${known}: start the release that wrote them`);
    this.table = table;
  }
}

/** Two rows would have the same parts in a unique index. */
export class NotUnique extends Error {
  override name = 'NotUnique';
}
