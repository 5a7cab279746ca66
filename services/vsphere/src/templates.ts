import type { VimClient } from "./client/vim-client.ts";
import { decodeName } from "./mapping/entity-name.ts";
import type { Template } from "./mapping/template.ts";
import type { ManagedObjectReference } from "./vim/types.ts";

type VmReference = ManagedObjectReference<"VirtualMachine">;

/** The templates of a name, or the one at an inventory path ("/DC0/vm/templates/ubuntu"); empty when vCenter has none. */
export async function findTemplates(client: VimClient, name: string): Promise<Template[]> {
  const objects = name.includes("/") ? await byPath(client, name) : await byName(client, name);
  if (objects.length === 0) return [];
  const { VirtualMachine: read } = await client.retrieve({
    objects,
    paths: { VirtualMachine: ["parent", "config"] },
  });
  return read.flatMap(({ obj, props: { parent, config } }) =>
    config === undefined ? [] : [{ ref: obj as VmReference, name, folder: parent?.value, config }],
  );
}

async function byPath(client: VimClient, path: string): Promise<ManagedObjectReference[]> {
  const { searchIndex } = await client.serviceContent();
  const inventoryPath = path.replace(/^\/+/, "");
  const ref = await client.call("FindByInventoryPath", searchIndex, { inventoryPath });
  return ref?.type === "VirtualMachine" ? [ref] : [];
}

/** VMs of the name count only where no template has it. */
async function byName(client: VimClient, name: string): Promise<ManagedObjectReference[]> {
  const { VirtualMachine: all } = await client.retrieve({
    paths: { VirtualMachine: ["name", "config.template"] },
  });
  const named = all.filter(({ props }) => decodeName(props.name) === name);
  const templates = named.filter(({ props }) => props["config.template"] === true);
  return (templates.length > 0 ? templates : named).map(({ obj }) => obj);
}
