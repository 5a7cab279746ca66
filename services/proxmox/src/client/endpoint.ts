const DEFAULT_PORT = "8006";

/** The origin of PVE's API, on port 8006 unless the URL names another. Throws TypeError for what is no URL of one. */
export function parseEndpoint(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("the endpoint must not hold credentials: they go into the credentials secret");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`the endpoint must be an https URL, not ${url.protocol}`);
  }
  // URL drops a port that is the scheme's own: 443 has to be looked for in the text.
  const named = /^[a-z]+:\/\/[^/?#]*:(\d+)(?=[/?#]|$)/i.exec(endpoint)?.[1];
  return `${url.protocol}//${url.hostname}:${named ?? DEFAULT_PORT}`;
}
