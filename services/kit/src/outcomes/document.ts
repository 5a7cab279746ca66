import type { Backend, Cell } from "./row.ts";
import { outcomeTable } from "./table.ts";

const titles: Record<Backend, string> = { vsphere: "vSphere", libvirt: "libvirt/KVM", proxmox: "Proxmox VE" };
const backends = Object.keys(titles) as Backend[];

/** The outcome table as a Markdown page, docs/outcomes.md. */
export function outcomeDocument(): string {
  const header = ["field of the manifest", ...backends.map((backend) => titles[backend])];
  const rows = outcomeTable.map(({ manifest, cells }) => [
    `\`${manifest}\``,
    ...backends.map((backend) => cellText(cells[backend])),
  ]);
  return [
    "<!-- Made from services/kit/src/outcomes/table.ts by `pnpm generate`. -->",
    "# What becomes of each knob",
    "",
    "**applied**: stored as asked. **substituted**: the nearest thing that the hypervisor has. **refused**: the request fails and says what to do instead. Nothing is ever ignored.",
    "",
    line(header),
    line(header.map(() => "---")),
    ...rows.map(line),
    "",
    "On any hypervisor, `virtualizationBasedSecurity` implies UEFI, secure boot, an IOMMU and nested virtualization; `secureBoot` and `tpmEnabled` imply UEFI. What is implied is reported as such.",
    "",
  ].join("\n");
}

const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
const escaped = (text: string): string => text.replaceAll("|", "\\|");

function cellText(cell: Cell): string {
  switch (cell.outcome) {
    case "APPLIED":
      return `applied: ${cell.mechanism}`;
    case "SUBSTITUTED":
      return `substituted: ${cell.mechanism} (${cell.reason})`;
    case "REFUSED":
      return `refused ${cell.reason}: ${cell.remedy}`;
  }
}
