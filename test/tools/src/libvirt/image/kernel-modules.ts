import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A kernel module in a directory tree. */
export interface KernelModule {
  readonly name: string;
  readonly path: string;
}

/**
 * The wanted modules and all that they depend on, each after what it needs. A wanted name that the tree lacks is an
 * error: nothing is assumed to be built into the kernel.
 */
export async function modulesInOrder(tree: string, wanted: readonly string[]): Promise<KernelModule[]> {
  const paths = await pathsByName(tree);
  const ordered = new Map<string, KernelModule>();
  const add = async (name: string): Promise<void> => {
    if (ordered.has(name)) return;
    const path = paths.get(name);
    if (path === undefined) throw new Error(`there is no kernel module ${name} under ${tree}`);
    for (const dependency of dependenciesOf(await readFile(path, "latin1"))) await add(dependency);
    ordered.set(name, { name, path });
  };
  for (const name of wanted) await add(canonical(name));
  return [...ordered.values()];
}

/** What a module says it needs, from its .modinfo section; Debian's packages bring no modules.dep. */
function dependenciesOf(module: string): string[] {
  const list = /\0depends=([^\0]*)\0/.exec(module)?.[1] ?? "";
  return list
    .split(",")
    .filter((name) => name !== "")
    .map(canonical);
}

/** File names have hyphens where the kernel's own names have underscores, or not. */
function canonical(name: string): string {
  return name.replaceAll("-", "_");
}

async function pathsByName(tree: string): Promise<Map<string, string>> {
  const files = await readdir(tree, { recursive: true });
  const modules = files.filter((file) => file.endsWith(".ko"));
  return new Map(modules.map((file) => [canonical(basename(file, ".ko")), join(tree, file)]));
}
