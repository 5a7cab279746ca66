import { LanguageError } from "./language-error.ts";

const tag = /^[a-z0-9_][a-z0-9_\-+.]*$/i;

/** Whether Proxmox VE can hold a tag, capitals apart: from 7 on it keeps them all in lower case. */
export const isTag = (text: string): boolean => tag.test(text);

/** Tags as the `tags` option: in lower case, each once, sorted, as Proxmox VE stores them. Throws a {@link LanguageError}. */
export function encodeTags(tags: readonly string[]): string {
  for (const one of tags)
    if (!isTag(one))
      throw new LanguageError("tags", one, "letters, digits, _, -, + and ., not starting with -, + or .");
  return [...new Set(tags.map((one) => one.toLowerCase()))].sort().join(";");
}

/** The tags of the option; `;`, commas and spaces part them. */
export const decodeTags = (text: string): string[] => text.split(/[,;\s]+/).filter((one) => one !== "");
