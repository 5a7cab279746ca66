package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A host that the complete example (8 vCPU, 16 GiB, 4000 MHz and 8 GiB reserved) fits on with room to spare.
const (
	packages    = 2
	cores       = 8
	threads     = 16
	mhz         = 2400
	memoryBytes = 64 << 30
)

// describeHardware rewrites the templates that every simulated host is copied from; it must run before the model is created.
func describeHardware(vendor string) {
	c := cpus[vendor]
	info := esx.HostHardwareInfo
	info.CpuFeature = c.features()
	info.CpuInfo = types.HostCpuInfo{NumCpuPackages: packages, NumCpuCores: cores, NumCpuThreads: threads, Hz: mhz * 1000000}
	info.MemorySize = memoryBytes
	info.CpuPkg = nil
	for i := 0; i < packages; i++ {
		info.CpuPkg = append(info.CpuPkg, types.HostCpuPackage{
			Index: int16(i), Vendor: vendor, Hz: mhz * 1000000, BusHz: 100000000, Description: c.model,
			ThreadId: threadIDs(i), CpuFeature: c.features(),
		})
	}
	summary := esx.HostSystem.Summary.Hardware
	summary.CpuModel, summary.CpuMhz, summary.MemorySize = c.model, mhz, memoryBytes
	summary.NumCpuPkgs, summary.NumCpuCores, summary.NumCpuThreads = packages, cores, threads
}

// describeNesting says of every host whether a VM on it can host VMs itself.
func describeNesting(registry *simulator.Registry, nested string) {
	for _, entity := range registry.All("ClusterComputeResource") {
		for i, ref := range entity.(*simulator.ClusterComputeResource).Host {
			host := registry.Get(ref).(*simulator.HostSystem)
			can := nested == "true" || nested == "mixed" && i%2 == 0
			host.Capability = &types.HostCapability{NestedHVSupported: optionalBool(can), MaxSupportedVmMemory: memoryBytes >> 20}
		}
	}
}

// describeTotals corrects what the simulator adds up wrongly: one core's MHz for a whole host, and bytes for megabytes.
func describeTotals(registry *simulator.Registry) {
	for _, entity := range registry.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		hosts := len(cluster.Host)
		summary := cluster.Summary.GetComputeResourceSummary()
		summary.TotalCpu, summary.EffectiveCpu = int32(hosts*cores*mhz), int32(hosts*cores*mhz)
		summary.EffectiveMemory = int64(hosts) * memoryBytes >> 20

		pool := registry.Get(*cluster.ResourcePool).(*simulator.ResourcePool)
		setPool(&pool.ResourcePool, int64(hosts*cores*mhz), int64(hosts)*memoryBytes)
	}
}

func setPool(pool *mo.ResourcePool, cpuMhz, memory int64) {
	megabytes := memory >> 20
	pool.Config.CpuAllocation.Reservation, pool.Config.CpuAllocation.Limit = &cpuMhz, &cpuMhz
	pool.Config.MemoryAllocation.Reservation, pool.Config.MemoryAllocation.Limit = &megabytes, &megabytes
	pool.Runtime.Cpu = unused(cpuMhz)
	pool.Runtime.Memory = unused(memory)
	pool.Summary.GetResourcePoolSummary().Runtime = pool.Runtime
	pool.Summary.GetResourcePoolSummary().Config = pool.Config
}

func unused(amount int64) types.ResourcePoolResourceUsage {
	return types.ResourcePoolResourceUsage{UnreservedForPool: amount, UnreservedForVm: amount, MaxUsage: amount}
}

func threadIDs(pkg int) []int16 {
	var ids []int16
	for i := 0; i < threads/packages; i++ {
		ids = append(ids, int16(pkg*threads/packages+i))
	}
	return ids
}
