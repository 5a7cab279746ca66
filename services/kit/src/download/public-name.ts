/** A URL as messages and logs may show it: without user, password, query and fragment, which is where credentials are. */
export const publicName = (url: string | URL): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};
