package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// buildInventory creates everything the options ask for; home keeps the files of the extra datastores.
func buildInventory(ctx context.Context, opts options, home string) (*simulator.Model, error) {
	model := simulator.VPX()
	model.Datacenter, model.Cluster, model.ClusterHost, model.Host = opts.datacenters, 1, opts.hosts, 0
	model.Machine = opts.vms
	rel := releases[opts.apiVersion]
	rel.describeVCenter(&model.ServiceContent.About)
	rel.describeHosts()
	describeHardware(opts.cpuVendor)
	if err := model.Create(); err != nil {
		return nil, err
	}
	registry := registryOf(model)
	describeNesting(registry, opts.nested)
	describeTotals(registry)
	if opts.keyProvider != "" {
		providers := keyProviders(registry)
		*providers = append(*providers, types.KmipClusterInfo{
			ClusterId: types.KeyProviderId{Id: opts.keyProvider}, ManagementType: "nativeProvider", UseAsDefault: true,
		})
	}
	client, err := vim25.NewClient(ctx, model.Service)
	if err != nil {
		return nil, err
	}
	finder := find.NewFinder(client, false)
	datacenters, err := finder.DatacenterList(ctx, "*")
	if err != nil {
		return nil, err
	}
	for _, datacenter := range datacenters {
		finder.SetDatacenter(datacenter)
		if err := fillDatacenter(ctx, finder, datacenter, opts, home); err != nil {
			return nil, fmt.Errorf("%s: %w", datacenter.Name(), err)
		}
	}
	// Last, so that they judge the tests' requests and not the inventory's.
	installRules(registry, rules{noNestedHotAdd: opts.noNestedHotAdd})
	return model, nil
}

func fillDatacenter(ctx context.Context, finder *find.Finder, dc *object.Datacenter, opts options, home string) error {
	for _, name := range opts.datastores {
		if err := addDatastore(ctx, finder, name, filepath.Join(home, dc.Name(), name)); err != nil {
			return fmt.Errorf("datastore %s: %w", name, err)
		}
	}
	for _, name := range opts.templates {
		if err := addTemplate(ctx, finder, dc, name); err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
	}
	return nil
}

func addDatastore(ctx context.Context, finder *find.Finder, name, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	hosts, err := finder.HostSystemList(ctx, "*")
	if err != nil {
		return err
	}
	for _, host := range hosts {
		system, err := host.ConfigManager().DatastoreSystem(ctx)
		if err != nil {
			return err
		}
		if _, err := system.CreateLocalDatastore(ctx, name, dir); err != nil {
			return err
		}
	}
	return nil
}

// addTemplate creates an EFI VM with one thin 20 GiB disk and one NIC on the distributed port group, and marks it.
func addTemplate(ctx context.Context, finder *find.Finder, dc *object.Datacenter, name string) error {
	pool, err := finder.DefaultResourcePool(ctx)
	if err != nil {
		return err
	}
	network, err := finder.Network(ctx, dc.Name()+"_DVPG0")
	if err != nil {
		return err
	}
	devices, err := templateDevices(ctx, network, name)
	if err != nil {
		return err
	}
	spec := types.VirtualMachineConfigSpec{
		Name: name, GuestId: string(types.VirtualMachineGuestOsIdentifierUbuntu64Guest), Firmware: "efi",
		NumCPUs: 2, MemoryMB: 2048, Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"}, DeviceChange: devices,
	}
	folders, err := dc.Folders(ctx)
	if err != nil {
		return err
	}
	task, err := folders.VmFolder.CreateVM(ctx, spec, pool, nil)
	if err != nil {
		return err
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return err
	}
	return object.NewVirtualMachine(pool.Client(), info.Result.(types.ManagedObjectReference)).MarkAsTemplate(ctx)
}

func templateDevices(ctx context.Context, network object.NetworkReference, name string) ([]types.BaseVirtualDeviceConfigSpec, error) {
	var devices object.VirtualDeviceList
	scsi, err := devices.CreateSCSIController("pvscsi")
	if err != nil {
		return nil, err
	}
	disk := devices.CreateDisk(scsi.(types.BaseVirtualController), types.ManagedObjectReference{}, "[LocalDS_0] "+name+"/disk1.vmdk")
	disk.CapacityInKB, disk.CapacityInBytes = 20<<20, 20<<30
	backing, err := network.EthernetCardBackingInfo(ctx)
	if err != nil {
		return nil, err
	}
	nic, err := devices.CreateEthernetCard("vmxnet3", backing)
	if err != nil {
		return nil, err
	}
	return append(devices, scsi, disk, nic).ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
}
