/** Regions and zones, as services share them. */

export * from '../../../framework/regions.ts';
