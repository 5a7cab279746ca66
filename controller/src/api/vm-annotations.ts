import { z } from "zod";
import { objectName } from "./fields.ts";

/** Annotations of a VirtualMachine that switch behaviour. Any other annotation is the user's own text. */
export const VirtualMachineAnnotations = z
  .object({
    "virtrigaud.io/verify-nesting": z
      .enum(["first-boot", "on-demand", "off"])
      .optional()
      .describe("When nesting is proved inside the guest. Absent: first-boot."),
    "virtrigaud.io/guest-credentials": objectName()
      .optional()
      .describe("Secret with username and password for vSphere guest operations."),
    "virtrigaud.io/restart-policy": z
      .enum(["Never", "IfNeeded"])
      .optional()
      .describe("Whether a reconfiguration may power-cycle the VM. Absent: Never."),
    "virtrigaud.io/allow-nested-guard-override": z
      .enum(["true", "false"])
      .optional()
      .describe("Whether memory snapshot, save and migration are allowed while guests may run inside."),
    "virtrigaud.io/deletion-policy": z
      .enum(["Delete", "Retain"])
      .optional()
      .describe("What deletion does to the VM. Absent: Delete, Retain for an adopted one."),
    "virtrigaud.io/adopt-vm": z
      .string()
      .min(1)
      .optional()
      .describe("Hypervisor's id of an existing VM to adopt."),
    "virtrigaud.io/force-delete": z
      .enum(["true", "false"])
      .optional()
      .describe("Whether the object may go although its VM cannot be reached."),
  })
  .catchall(z.string());
