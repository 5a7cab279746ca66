package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// rules are what a vCenter may enforce and the simulator does not.
type rules struct {
	noNestedHotAdd bool
}

// checker answers CheckVmConfig_Task by the rules, and as govmomi does where they say nothing. The embedded type is
// exported because the simulator reads the object through it by reflection.
type checker struct {
	VmCompatibilityChecker
	rules rules
}

// CheckVmConfigTask reports a refused configuration as an error in the task's result, not as a failed task.
func (c *checker) CheckVmConfigTask(ctx *simulator.Context, req *types.CheckVmConfig_Task) soap.HasFault {
	fault := c.rules.refusal(req.Spec)
	if fault == nil {
		return c.checkByGovmomi(ctx, req)
	}
	message := "CPU hot add is not supported with nested virtualization."
	return c.answer(ctx, req, types.LocalizedMethodFault{Fault: fault, LocalizedMessage: message})
}

func (c *checker) answer(ctx *simulator.Context, req *types.CheckVmConfig_Task, errors ...types.LocalizedMethodFault) soap.HasFault {
	task := simulator.CreateTask(c, "checkVmConfig", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		result := types.CheckResult{Vm: req.Vm, Host: req.Host, Error: errors}
		return types.ArrayOfCheckResult{CheckResult: []types.CheckResult{result}}, nil
	})
	return &methods.CheckVmConfig_TaskBody{Res: &types.CheckVmConfig_TaskResponse{Returnval: runTask(ctx, task)}}
}

// refusal is the fault of a configuration that the rules forbid, or nil. It must stay an untyped nil: callers compare it.
func (r rules) refusal(spec types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if r.noNestedHotAdd && isTrue(spec.NestedHVEnabled) && isTrue(spec.CpuHotAddEnabled) {
		return &types.CpuHotPlugNotSupported{}
	}
	return nil
}

func isTrue(b *bool) bool { return b != nil && *b }
