//go:build govmomi024

package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// This file is what Debian's govmomi 0.24 needs, govmomi.go what the current one does.

func govmomiVersion() string { return "v0.24.2" }

func registryOf(*simulator.Model) *simulator.Registry { return simulator.Map }

func optionalBool(b bool) *bool { return &b }

func runTask(_ *simulator.Context, task *simulator.Task) types.ManagedObjectReference {
	return task.Run()
}

func keyProviders(registry *simulator.Registry) *[]types.KmipClusterInfo {
	ref := types.ManagedObjectReference{Type: "CryptoManagerKmip", Value: "CryptoManager"}
	return &registry.Get(ref).(*mo.CryptoManagerKmip).KmipServers
}

type VmCompatibilityChecker = mo.VirtualMachineCompatibilityChecker

// checkByGovmomi finds nothing wrong: 0.24 has no checker.
func (c *checker) checkByGovmomi(ctx *simulator.Context, req *types.CheckVmConfig_Task) soap.HasFault {
	return c.answer(ctx, req)
}

// installRules leaves the folders alone: 0.24 has no place to intervene that its own casts survive, so it accepts duplicate names.
func installRules(registry *simulator.Registry, r rules) {
	plain := VmCompatibilityChecker{Self: types.ManagedObjectReference{Type: "VirtualMachineCompatibilityChecker", Value: "CompatChecker"}}
	registry.Put(&checker{plain, r})
}
