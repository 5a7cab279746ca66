/** Options of a VM by name: as sent in a form, or as `GET config` answers. Numbers and their texts are the same to Proxmox VE. */
export type VmConfig = Readonly<Record<string, string | number>>;

/** Parameters of a request besides those in its path. */
export type Parameters = VmConfig;

/** An option as text; undefined when it is not set. */
export const optionOf = (config: VmConfig, name: string): string | undefined =>
  Object.hasOwn(config, name) ? String(config[name]) : undefined;

/** The numbered options of a kind, `net` or `scsi` say, by number. */
export function numbered(config: VmConfig, kind: string): [name: string, value: string][] {
  return Object.keys(config)
    .filter((name) => name.startsWith(kind) && /^\d+$/.test(name.slice(kind.length)))
    .sort((a, b) => Number(a.slice(kind.length)) - Number(b.slice(kind.length)))
    .map((name) => [name, String(config[name])]);
}
