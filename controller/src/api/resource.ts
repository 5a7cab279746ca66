import { z } from "zod";
import { kubernetesObject, label, objectName } from "./fields.ts";

/** API group of VirtRigaud's own kinds. */
export const GROUP = "infra.virtrigaud.io";

/** The version of the group that this release reads and writes. */
export const API_VERSION = `${GROUP}/v1beta1`;

/** Object metadata. The fields from `uid` on are the server's: accepted, so that an exported object can be read back. */
export const objectMeta = <A extends z.ZodType>(annotations: A) =>
  z.strictObject({
    name: objectName().describe("Name, unique for the kind within the namespace."),
    namespace: label().default("default").describe("Namespace. Absent: default."),
    labels: z.record(z.string(), z.string()).optional().describe("Labels to select objects by."),
    annotations: annotations.optional().describe("Annotations; those of virtrigaud.io/ switch behaviour."),
    finalizers: z.array(z.string()).optional(),
    ownerReferences: z.array(kubernetesObject()).optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.int().optional(),
    generateName: z.string().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.int().optional(),
    managedFields: z.array(kubernetesObject()).optional(),
    selfLink: z.string().optional(),
  });

/** Annotations without a meaning of their own. */
export const plainAnnotations = () => z.record(z.string(), z.string());

/** Schema of one kind of the group. A status is the controller's: accepted in a manifest, never acted upon. */
export const resource = <K extends string, S extends z.ZodType, A extends z.ZodType>(
  kind: K,
  spec: S,
  annotations: A,
) =>
  z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: objectMeta(annotations),
    spec,
    status: kubernetesObject().optional(),
  });
