/** What differs between the engines' column types. */
export interface ColumnTypes {
  /** Text that is compared by bytes. */
  readonly key: string;
}

/** One step of the schema. Once released it never changes: a correction is another step. */
export interface Migration {
  readonly name: string;
  readonly statements: (types: ColumnTypes) => readonly string[];
  /** What PostgreSQL alone needs, after them. */
  readonly postgres?: readonly string[];
  /** Columns that SQL has made from others with lower(), which knows ASCII only: read again, and folded as names are (core/directory). */
  readonly fold?: readonly { readonly table: string; readonly from: string; readonly to: string }[];
}
