/** Glue's quotas and defaults, units last: https://docs.aws.amazon.com/general/latest/gr/glue.html */

export const nameCharactersMax = 255;
export const listedMax = 100;
export const versionsPerTableMax = 100_000;
export const tagsPerDatabaseMax = 50;
/** UTF-16 units of a definition that surely fit one value of the store, a unit being three bytes at most. */
export const charactersPerPiece = 20_000;
