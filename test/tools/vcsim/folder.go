//go:build !govmomi024

package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// vmFolder is a folder that creates VMs by the rules; names are unique in it, which the simulator checks for clones only.
type vmFolder struct {
	*simulator.Folder
	rules rules
}

// CreateVMTask answers with a task that fails where vCenter's would. The caller holds the folder's lock until the
// task has ended, so of two racing calls one sees the other's VM.
func (f *vmFolder) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	fault := f.rules.refusal(req.Config)
	if taken := ctx.Map.FindByName(req.Config.Name, f.ChildEntity); taken != nil {
		fault = &types.DuplicateName{Name: req.Config.Name, Object: taken.Reference()}
	}
	if fault == nil {
		return f.Folder.CreateVMTask(ctx, req)
	}
	task := simulator.CreateTask(f.Folder, "createVm", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, fault
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: task.Run(ctx)}}
}
