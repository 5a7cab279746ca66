/** Bytes that are not what the schema says, or a value that the schema does not allow. */
export class XdrError extends Error {
  override readonly name = "XdrError";
  /** Where in the value: "domains[3].name"; empty for the value itself. */
  readonly path: string;
  readonly #what: string;

  constructor(what: string, path = "") {
    super(path === "" ? what : `${path}: ${what}`);
    this.path = path;
    this.#what = what;
  }

  /** The same error as seen from the value that holds this one as `segment`, a field's name or "[3]". */
  within(segment: string): XdrError {
    const rest = this.path === "" || this.path.startsWith("[") ? this.path : `.${this.path}`;
    return new XdrError(this.#what, segment + rest);
  }
}

/** Adds where it happened, a field's name or an item's number, to an XdrError; any other error stays as it is. */
export function locate(error: unknown, at: string | number): unknown {
  if (!(error instanceof XdrError)) return error;
  return error.within(typeof at === "number" ? `[${at}]` : at);
}
