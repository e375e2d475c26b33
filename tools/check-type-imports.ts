/**
 * Forbids `typeof import('...')` and `import('...').Type` in the product: dependency-cruiser does not see an import
 * in a type position, so it would be a hole in the walls. Import the type by an `import type` statement.
 */
import { globSync, readFileSync } from 'node:fs';

/** A dynamic import that is neither awaited, nor returned, nor called upon: `typeof import(`, `: import(`, `<import(`. */
const typeImport = /\btypeof\s+import\s*\(|(?:[:<|&,]|\bas|\bextends|\bkeyof|\breadonly|\btype\s+\w+\s*=)\s*import\s*\(/;

/** One line for each `typeof import(` or `import('...').Type`, with file and line. */
export const checkTypeImports = (): readonly string[] =>
  globSync('{core,apps}/*/src/**/*.{ts,tsx}').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        typeImport.test(line)
          ? [`${file}:${index + 1}: an import inside a type is invisible to the import rules; write "import type ... from"`]
          : [],
      ),
  );
