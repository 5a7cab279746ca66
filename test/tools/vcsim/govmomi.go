//go:build !govmomi024

package main

import (
	"runtime/debug"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// This file is what the current govmomi needs, govmomi024.go what Debian's 0.24 does.

type VmCompatibilityChecker = simulator.VmCompatibilityChecker

func govmomiVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == "github.com/vmware/govmomi" {
			return dep.Version
		}
	}
	return "unknown"
}

func registryOf(model *simulator.Model) *simulator.Registry { return model.Map() }

func optionalBool(b bool) bool { return b }

func runTask(ctx *simulator.Context, task *simulator.Task) types.ManagedObjectReference {
	return task.Run(ctx)
}

func (c *checker) checkByGovmomi(ctx *simulator.Context, req *types.CheckVmConfig_Task) soap.HasFault {
	return c.VmCompatibilityChecker.CheckVmConfigTask(ctx, req)
}

func keyProviders(registry *simulator.Registry) *[]types.KmipClusterInfo {
	return &registry.CryptoManager().KmipServers
}

// installRules puts a rule-abiding folder before every folder that is asked for a VM, in the session's own view of the
// inventory: calls look there first, while the simulator casts what it finds in the registry to its own types.
func installRules(registry *simulator.Registry, r rules) {
	registry.Put(&checker{*registry.VmCompatibilityChecker(), r})
	registry.Handler = func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		folder, ok := registry.Get(method.This).(*simulator.Folder)
		if ok && method.Name == "CreateVM_Task" && ctx.Session != nil {
			ctx.Session.Put(&vmFolder{folder, r})
		}
		return nil, nil
	}
}
