/** Something that `--simulate` put in a hypervisor's place. */
export interface StandIn {
  /** Whether nothing runs in it; false: a real hypervisor, though not the one that the Provider names. */
  readonly simulated: boolean;
  /** What people call it, beside the Provider's type. */
  readonly label: string;
  /** What VMs boot in place of the images that they name; undefined: the images are what they say. */
  readonly images: StandInImages | undefined;
}

/** Paths at the hypervisor of an image of our own for each firmware. */
export interface StandInImages {
  readonly bios: string;
  readonly uefi: string;
}
