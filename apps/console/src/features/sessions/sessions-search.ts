/** What of the list stands in the URL. */
export interface SessionsSearch {
  /** Beginning of a user name, host name or serial number. */
  readonly q?: string;
  /** A device's id. */
  readonly device?: string;
}
