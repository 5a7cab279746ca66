import { z } from "zod";
import { DURATION_PATTERN } from "./duration.ts";
import { QUANTITY_PATTERN, isQuantity } from "./quantity.ts";

// Building blocks of the schemas. `title` is the noun phrase that a problem puts after "expected";
// `format: "password"` marks text whose value no message may show. Both are valid in a CRD's schema.

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const OCTET = "(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
const IPV4 = `(${OCTET}\\.){3}${OCTET}`;

/** Text of at most `max` characters. */
export const text = (max: number) => z.string().max(max);

/** A whole number in [min, max]. */
export const integer = (min: number, max: number) => z.int().min(min).max(max);

/** Name of an object or namespace part: lower-case letters, digits and "-", at most 63 characters. */
export const label = () =>
  text(63).regex(LABEL).meta({ title: 'a name of at most 63 lower-case letters, digits and "-"' });

/** Name of a Kubernetes object: labels joined by dots, at most 253 characters. */
export const objectName = () =>
  text(253).regex(SUBDOMAIN).meta({ title: 'a name of at most 253 lower-case letters, digits, "-" and "."' });

/** A name of something in a hypervisor's or an operator's inventory. */
export const inventoryName = () => text(255);

/** Text that must not appear in a message or log. */
export const confidential = () => z.string().meta({ format: "password" });

/** A mapping of names to texts with at most `max` entries. */
export const textMap = (max: number) =>
  z
    .record(z.string(), z.string())
    .refine((map) => Object.keys(map).length <= max)
    .meta({ title: `a mapping of at most ${max} names to texts`, maxProperties: max });

/** A Kubernetes quantity of bytes; YAML may spell it as a number. Read it with parseQuantity, which then cannot fail. */
export const quantity = () =>
  z
    .union([z.string().regex(QUANTITY_PATTERN), z.int().min(0)])
    .refine((value) => isQuantity(String(value)))
    .transform(String)
    .meta({ title: "a whole number of bytes such as 8Gi, 512Mi or 1073741824" });

/** A duration. Read it with parseDuration, which then cannot fail. */
export const duration = () =>
  z.string().regex(DURATION_PATTERN).meta({ title: 'a duration such as "90s" or "1h30m"' });

/** An IPv4 address. */
export const ipv4 = () =>
  z
    .string()
    .regex(new RegExp(`^${IPV4}$`))
    .meta({ title: "an IPv4 address such as 192.0.2.10" });

/** An IPv4 network or address with its prefix length. */
export const ipv4Cidr = () =>
  z
    .string()
    .regex(new RegExp(`^${IPV4}/([0-9]|[1-2][0-9]|3[0-2])$`))
    .meta({ title: "an IPv4 address with prefix length such as 192.0.2.10/24" });

/** Reference to an object that may live in another namespace; absent: the referring object's namespace. */
export const objectRef = () => z.strictObject({ name: objectName(), namespace: label().optional() });

/** Reference to an object of the same namespace. */
export const localRef = () => z.strictObject({ name: objectName() });

/** A structure of the Kubernetes API that is passed on as it is and validated by the API server. */
export const kubernetesObject = () => z.record(z.string(), z.unknown());
