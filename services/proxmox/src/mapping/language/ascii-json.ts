/**
 * JSON as text that survives where descriptions go: ASCII and without `%`, because older Proxmox VE stores a `%` as it is and decodes it when
 * it reads; without `<` and `>`, because it stands in an HTML comment. The same JSON to every reader.
 */
export const toAsciiJson = (json: string): string =>
  json.replace(/[^\x20-\x7e]|[%<>]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Undoes {@link toAsciiJson}, and leaves JSON's own escapes: control characters and lone surrogates. */
export const fromAsciiJson = (text: string): string =>
  text.replace(
    /\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|\\./g,
    (escape: string, high?: string, low?: string, single?: string) => {
      if (high !== undefined && low !== undefined)
        return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
      const char = single === undefined ? "" : String.fromCharCode(Number.parseInt(single, 16));
      return /[%<>\x7f-\ud7ff\ue000-\uffff]/.test(char) ? char : escape;
    },
  );
