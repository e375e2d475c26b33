/** The console's cookie. Over https its name binds it to this host and to https (RFC 6265bis §4.1.3.2): no neighbor can set it. */
export const consoleCookie = (origin: string) => {
  const secure = origin.startsWith('https:');
  const name = secure ? '__Host-latchkey' : 'latchkey';
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return {
    name,
    read: (header: string | undefined): string | undefined =>
      header
        ?.split(';')
        .map((each) => each.trim())
        .find((each) => each.startsWith(`${name}=`))
        ?.slice(name.length + 1),
    write: (value: string): string => `${name}=${value}; ${attributes}`,
    clear: (): string => `${name}=; ${attributes}; Max-Age=0`,
  };
};
