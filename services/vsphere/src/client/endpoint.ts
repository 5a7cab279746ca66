import { VimTlsError } from "./errors.ts";
import type { ServerTrust } from "./tls.ts";

/** Reads the endpoint's URL. Throws TypeError, or VimTlsError where the trust does not allow it. */
export function parseEndpoint(endpoint: string, trust: ServerTrust): URL {
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("the endpoint must not hold credentials: they go into the credential secret");
  }
  if (url.protocol === "http:" && trust.mode !== "insecure") {
    throw new VimTlsError(`${url.host}: a plain http endpoint needs the explicit insecure mode`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TypeError(`the endpoint must be an https URL, not ${url.protocol}`);
  }
  return url;
}
