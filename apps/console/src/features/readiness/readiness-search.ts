/** What stands in the URL. */
export interface ReadinessSearch {
  /** Of which domain users are listed. */
  readonly domain?: string;
  /** Only who can sign in now. */
  readonly newly?: true;
}
