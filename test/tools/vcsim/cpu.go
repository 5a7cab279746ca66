package main

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// cpu is what CPUID of one vendor's processor says; both have hardware virtualization on, as ESXi itself needs it.
type cpu struct {
	model     string
	signature uint32
	vendor    [3]uint32 // ebx, ecx, edx of leaf 0
	leaf1ECX  uint32
	leaf1EDX  uint32
	extECX    uint32 // leaf 0x80000001
}

const (
	vmx = 1 << 5 // leaf 1 ECX
	svm = 1 << 2 // leaf 0x80000001 ECX
)

var cpus = map[string]cpu{
	"intel": {
		model: "Intel(R) Xeon(R) Gold 6240R CPU @ 2.40GHz", signature: 0x00050657,
		vendor:   [3]uint32{0x756e6547, 0x6c65746e, 0x49656e69}, // Genu ntel ineI
		leaf1ECX: 0x7ffefbdf | vmx, leaf1EDX: 0xbfebfbff, extECX: 0x00000121,
	},
	"amd": {
		model: "AMD EPYC 7402P 24-Core Processor @ 2.40GHz", signature: 0x00830f10,
		vendor:   [3]uint32{0x68747541, 0x444d4163, 0x69746e65}, // Auth cAMD enti
		leaf1ECX: 0x7ed8320b &^ vmx, leaf1EDX: 0x178bfbff, extECX: 0x75c237fb | svm,
	},
}

func (c cpu) features() []types.HostCpuIdInfo {
	return []types.HostCpuIdInfo{
		leaf(0, 0x16, c.vendor[0], c.vendor[1], c.vendor[2]),
		leaf(1, c.signature, threads<<16|8<<8, c.leaf1ECX, c.leaf1EDX),
		leaf(0x80000000, 0x80000008, 0, 0, 0),
		leaf(0x80000001, 0, 0, c.extECX, 0x2c100800),
		leaf(0x80000008, 0x302e, 0, 0, 0),
	}
}

func leaf(level, eax, ebx, ecx, edx uint32) types.HostCpuIdInfo {
	return types.HostCpuIdInfo{Level: int32(level), Eax: bits(eax), Ebx: bits(ebx), Ecx: bits(ecx), Edx: bits(edx)}
}

// bits writes a register as vSphere does: eight nibbles of binary digits, the highest bit first.
func bits(register uint32) string {
	var out string
	for shift := 28; shift >= 0; shift -= 4 {
		out += fmt.Sprintf(":%04b", register>>uint(shift)&0xf)
	}
	return out[1:]
}
