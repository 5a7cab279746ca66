/** An inventory object's name as vCenter takes it: `%`, `/` and `\` are escaped there. */
export const encodeName = (name: string): string =>
  name.replace(/[%/\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);

/** The reverse of {@link encodeName}, for names that were read. */
export const decodeName = (name: unknown): string =>
  String(name ?? "").replace(/%(2f|5c|25)/gi, (escaped) => decodeURIComponent(escaped));
