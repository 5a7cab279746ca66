/** What the simulated vCenter is to look like. */
export interface VcsimOptions {
  /** Address and port; default a free port of 127.0.0.1. */
  readonly listen?: string;
  /** Hosts that can nest: all (default), none, or every second one, the first included. */
  readonly nested?: boolean | "mixed";
  readonly cpuVendor?: "intel" | "amd";
  /** Release line of vCenter and ESXi; `about.apiVersion` begins with it. Default 8.0. */
  readonly apiVersion?: "6.0" | "6.5" | "6.7" | "7.0" | "8.0";
  /** Names of EFI templates in every datacenter's vm folder: vmx of the release, one thin 20 GiB disk, one vmxnet3. */
  readonly templates?: readonly string[];
  /** Names of datastores besides LocalDS_0, on all hosts of every datacenter. */
  readonly datastores?: readonly string[];
  /** Powered-on VMs per datacenter; default none. */
  readonly vms?: number;
  /** Hosts of the one cluster of every datacenter; default 2. */
  readonly hosts?: number;
  readonly datacenters?: number;
  /** Name of a default native key provider; without one a vTPM has to be refused. */
  readonly keyProvider?: string;
  /** CheckVmConfig_Task and CreateVM_Task answer CpuHotPlugNotSupported to nestedHVEnabled with cpuHotAddEnabled. */
  readonly rejectCpuHotAddWithNested?: boolean;
}

/** The same as flags of the program. */
export function flagsOf(options: VcsimOptions): string[] {
  const { templates = [], datastores = [], rejectCpuHotAddWithNested, ...rest } = options;
  const single = {
    listen: rest.listen,
    nested: rest.nested,
    "cpu-vendor": rest.cpuVendor,
    "api-version": rest.apiVersion,
    vms: rest.vms,
    hosts: rest.hosts,
    datacenters: rest.datacenters,
    "key-provider": rest.keyProvider,
    "reject-cpu-hot-add-with-nested": rejectCpuHotAddWithNested,
  };
  return [
    ...Object.entries(single).flatMap(([flag, value]) => (value === undefined ? [] : [`-${flag}=${value}`])),
    ...templates.map((name) => `-template=${name}`),
    ...datastores.map((name) => `-datastore=${name}`),
  ];
}
