/** A user name; where it does not fit, it is broken before its domain. */
export const UserName = ({ children }: { readonly children: string }) => {
  const at = children.lastIndexOf('@');
  return at < 0 ? (
    children
  ) : (
    <>
      {children.slice(0, at)}
      <wbr />
      {children.slice(at)}
    </>
  );
};
