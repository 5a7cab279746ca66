/** A value that one of Proxmox VE's small languages cannot hold; sent anyway, it could mean something else. */
export class LanguageError extends Error {
  /** Proxmox VE's option, and its key where it has keys: "tags", "net.bridge". */
  readonly option: string;

  constructor(option: string, value: unknown, expects: string) {
    super(`${option}: ${quoted(value)} must be ${expects}`);
    this.name = "LanguageError";
    this.option = option;
  }
}

const longest = 80;

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
