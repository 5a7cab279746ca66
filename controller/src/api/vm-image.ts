import { z } from "zod";
import { text, textMap } from "./fields.ts";
import { plainAnnotations, resource } from "./resource.ts";
import { ImagePrepare } from "./vm-image-prepare.ts";
import { ImageSource } from "./vm-image-source.ts";

const Metadata = z.strictObject({
  displayName: text(255).optional(),
  description: text(1024).optional(),
  version: text(100).optional(),
  architecture: z.enum(["amd64", "arm64", "x86_64", "aarch64"]).optional().describe("CPU architecture."),
  tags: textMap(50).optional(),
  annotations: textMap(50).optional(),
});

const Distribution = z.strictObject({
  name: z
    .enum(["ubuntu", "centos", "rhel", "fedora", "debian", "suse", "windows", "freebsd", "coreos", "other"])
    .optional(),
  version: text(100).optional(),
  variant: text(100).optional(),
  family: z.enum(["linux", "windows", "bsd", "other"]).optional(),
  kernel: z
    .strictObject({
      version: z.string().optional(),
      type: z.enum(["linux", "windows", "freebsd", "other"]).optional(),
    })
    .optional(),
});

const VMImageSpec = z.strictObject({
  source: ImageSource.describe("Where the image is; several entries serve several hypervisors."),
  prepare: ImagePrepare.optional().describe("How the image is brought to a hypervisor."),
  metadata: Metadata.optional().describe("Description of the image."),
  distribution: Distribution.optional().describe("The operating system on the image."),
});

/** VMImage: what a VM's root disk is made from. */
export const VMImage = resource("VMImage", VMImageSpec, plainAnnotations());
/** A validated VMImage. */
export type VMImage = z.infer<typeof VMImage>;
