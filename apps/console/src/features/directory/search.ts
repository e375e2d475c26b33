type Given = Readonly<Record<string, unknown>>;

/** The texts of these names that are given, and not empty. */
const readTexts = <Name extends string>(given: Given, names: readonly Name[]): { readonly [Each in Name]?: string } => {
  const found = names.flatMap((name) => (typeof given[name] === 'string' && given[name] !== '' ? [[name, given[name]]] : []));
  return Object.fromEntries(found); // of these names only
};

/** What of a list stands in the URL. */
export interface OpenSearch {
  /** The id of the one that is open, or `new`. */
  readonly open?: string;
}
export const readOpenSearch = (given: Given): OpenSearch => readTexts(given, ['open']);

export interface SetsSearch extends OpenSearch {
  /** Beginning of a name. */
  readonly q?: string;
}
export const readSetsSearch = (given: Given): SetsSearch => readTexts(given, ['q', 'open']);

const userStates = ['active', 'disabled'] as const;

/** The filters are those of the API. */
export interface UsersSearch extends OpenSearch {
  /** Beginning of a user name or display name. */
  readonly q?: string;
  readonly state?: (typeof userStates)[number];
  readonly source?: string;
  readonly department?: string;
  readonly group?: string;
}
export const readUsersSearch = (given: Given): UsersSearch => {
  const state = userStates.find((each) => each === given.state);
  return {
    ...readTexts(given, ['q', 'source', 'department', 'group', 'open']),
    ...(state === undefined ? {} : { state }),
  };
};
