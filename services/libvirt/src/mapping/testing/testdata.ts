import { readFileSync } from "node:fs";

/** A file of ../testdata as text. */
export const testdata = (name: string): string =>
  readFileSync(new URL(`../testdata/${name}`, import.meta.url), "utf8");
