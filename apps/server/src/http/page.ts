/** Cuts one page: asks for one more than it shows, to know whether there is a next one. */
export const pageOf = async <Item extends { readonly id: string }, View>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  list: (page: { readonly limit: number; readonly after?: string }) => Promise<readonly Item[]>,
  view: (item: Item) => View,
): Promise<{ items: View[]; next: string | null }> => {
  const found = await list({ limit: query.limit + 1, ...(query.cursor === undefined ? {} : { after: query.cursor }) });
  const shown = found.slice(0, query.limit);
  return { items: shown.map(view), next: found.length > query.limit ? (shown.at(-1)?.id ?? null) : null };
};
