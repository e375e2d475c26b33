import { z } from 'zod';

/** A moment, ISO 8601 in UTC with milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 });

/** One page of a list, in a stable order. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().describe('Give it as `cursor` for the next page; null at the end.'),
  });

/** What every list may be asked. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many at most.'),
  cursor: z.string().min(1).max(100).optional().describe('`next` of the page before.'),
});

/** One page of a list that can be searched. */
export const foundOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item).describe('Where filters are combined a page may be short, or even empty, and still have a `next`.'),
    next: z.string().nullable().describe('Give it as `cursor` for the next page; null at the end.'),
    total: z.number().int().optional().describe('How many match on all pages. On the first page only.'),
    totalIsEstimate: z
      .boolean()
      .optional()
      .describe('Past 10,000 `total` is estimated; so may it be where filters are combined.'),
  });

/** What every list that can be searched may be asked. */
export const searchQuerySchema = pageQuerySchema.extend({
  cursor: z
    .string()
    .regex(/^[\w-]{1,2000}$/, 'is not the `next` of a page')
    .optional()
    .describe('`next` of the page before.'),
});

/** An id as it stands in a path. */
export const id = z.string().regex(/^[a-z]{2,4}_[0-9a-f]{32}$/, 'is not an id');

const day = 86_400;

/** How long a new secret is good for. */
export const expiresInSeconds = z
  .number()
  .int()
  .min(1)
  .max(366 * day)
  .default(90 * day)
  .describe('Seconds until it expires: 90 days unless said, 366 at most.');

/** One line of free text. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/, 'must be one line of visible characters');

/** A refusal (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string().describe('One plain sentence for a person.'),
    status: z.number().int(),
    code: z.string().describe('For programs.'),
    detail: z.string().optional().describe('Where, and how to mend it.'),
    correlationId: z.string().describe('Finds the audit event or log line.'),
    errors: z.array(z.looseObject({ message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.output<typeof problemSchema>;
