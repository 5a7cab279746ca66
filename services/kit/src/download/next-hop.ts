import { refused } from "./failures.ts";
import { publicName } from "./public-name.ts";

/**
 * Where a redirect leads. A login goes with it to the same server only.
 * @param mayDowngrade whether it may lead from https to http.
 * @throws ProviderError IMAGE_REFUSED.
 */
export function nextHop(from: URL, location: string, mayDowngrade: boolean): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol !== "http:" && to?.protocol !== "https:")
    throw refused(publicName(from), "it was redirected to what is no http or https URL");
  if (from.protocol === "https:" && to.protocol === "http:" && !mayDowngrade)
    throw refused(
      publicName(from),
      `it was redirected to ${publicName(to)}, which anybody on the way can change; add a checksum`,
    );
  if (to.origin === from.origin && to.username === "") {
    to.username = from.username;
    to.password = from.password;
  }
  return to;
}
