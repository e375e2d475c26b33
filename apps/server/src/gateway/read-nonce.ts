type ReadNonce = (nonce: string, organizationId: string, holder: string) => number | undefined;

const MAX_NONCES = 50_000;

/** A nonce serves for many proofs: that it is ours, for this holder, is verified once. */
export const nonceReader = (needs: { readonly read: ReadNonce; readonly now: () => number }): ReadNonce => {
  const known = new Map<string, number>();
  return (nonce, organizationId, holder) => {
    const name = `${organizationId} ${holder} ${nonce}`;
    const until = known.get(name);
    if (until !== undefined && needs.now() < until) return until;
    const read = needs.read(nonce, organizationId, holder);
    if (read === undefined) known.delete(name);
    else {
      // Each is verified anew after that, which is no harm.
      if (known.size >= MAX_NONCES) known.clear();
      known.set(name, read);
    }
    return read;
  };
};
