import * as z from 'zod';

/** Where a listener stands, as configurations have it: every address of the machine unless one is named. */
export const listenAddress: z.ZodDefault<z.ZodString> = z
  .string()
  .regex(/^[0-9a-fA-F:.]+$/)
  .default('::');

/** 0 picks a free one. */
export const listenPort: z.ZodInt = z.int().min(0).max(65_535);
