/**
 * An ID for a message of ours (saml-core §1.3.4: 128 random bits). The time comes first: IDs are remembered against replay, and what is
 * stored side by side costs a transaction half as much to write as what is scattered over an index.
 */
export const messageId = (needs: { readonly now: () => number; readonly randomId: () => string }): string =>
  `_${needs.now().toString(36)}${needs.randomId()}`;
