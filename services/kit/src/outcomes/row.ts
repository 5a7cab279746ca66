import type { Feature, VMSpec } from "@virtrigaud/proto";

/** The hypervisors that the outcome table has a column for. */
export type Backend = "vsphere" | "libvirt" | "proxmox";

/** The knob is stored as asked; `mechanism` is the hypervisor's own name of what holds it. */
export interface Applied {
  outcome: "APPLIED";
  mechanism: string;
}

/** The nearest thing that the hypervisor has; `reason` says how it differs from what was asked. */
export interface Substituted {
  outcome: "SUBSTITUTED";
  mechanism: string;
  reason: string;
}

/** It cannot be had; `reason` is the machine-readable word, `remedy` what the user can do instead. */
export interface Refused {
  outcome: "REFUSED";
  reason: string;
  remedy: string;
}

/** What becomes of a knob on one hypervisor. */
export type Cell = Applied | Substituted | Refused;

/** One thing that a manifest can ask for, and what becomes of it everywhere. */
export interface OutcomeRow {
  /** Stable name, for tests and documents. */
  id: string;
  /** The knob. */
  feature: Feature;
  /** Path of the knob in a request, for violations. */
  field: string;
  /** The manifest's field and value, for documents. */
  manifest: string;
  /** Whether a spec asks for this row. Rows of one feature exclude each other. */
  asks: (spec: VMSpec) => boolean;
  /** What becomes of it, by hypervisor. */
  cells: Record<Backend, Cell>;
}

export const applied = (mechanism: string): Applied => ({ outcome: "APPLIED", mechanism });
export const substituted = (mechanism: string, reason: string): Substituted => ({
  outcome: "SUBSTITUTED",
  mechanism,
  reason,
});
export const refused = (reason: string, remedy: string): Refused => ({ outcome: "REFUSED", reason, remedy });
