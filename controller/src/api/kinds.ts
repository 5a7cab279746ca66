import type { z } from "zod";
import { Provider } from "./provider.ts";
import { Secret } from "./secret.ts";
import { VirtualMachine } from "./virtual-machine.ts";
import { VMClass } from "./vm-class.ts";
import { VMImage } from "./vm-image.ts";
import { VMNetworkAttachment } from "./vm-network-attachment.ts";

/** Schema of every kind that this version handles, by the kind's name. */
export const kinds = { VMClass, VMImage, VirtualMachine, Provider, VMNetworkAttachment, Secret } as const;

/** Name of a handled kind. */
export type Kind = keyof typeof kinds;

/** Kinds of the group that exist in the API and that this version does not act upon. */
export const unhandledKinds: readonly string[] = [
  "VMSnapshot",
  "VMClone",
  "VMSet",
  "VMPlacementPolicy",
  "VMMigration",
];

/** A validated object, discriminated by `kind`. */
export type Resource = z.infer<(typeof kinds)[Kind]>;

/** The type of one kind's objects. */
export type ResourceOf<K extends Kind> = Extract<Resource, { kind: K }>;

/** Whether objects of the kind are handled. */
export function isKind(name: string): name is Kind {
  return Object.hasOwn(kinds, name);
}
