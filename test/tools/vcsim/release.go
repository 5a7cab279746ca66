package main

import (
	"fmt"
	"sort"

	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/types"
)

// release is what a vCenter and its hosts say of themselves, in the form real ones use: apiVersion has two parts up to
// 6.7 and four from 7.0 on. The simulator's own table knows no later update of a line than these.
type release struct {
	version, apiVersion string
	vCenterBuild        string
	hostBuild           string
	hardwareVersion     string
}

var releases = map[string]release{
	"6.0": {"6.0.0", "6.0", "3634788", "3620759", "vmx-11"},
	"6.5": {"6.5.0", "6.5", "5973321", "5969303", "vmx-13"},
	"6.7": {"6.7.0", "6.7", "8217866", "8169922", "vmx-14"},
	"7.0": {"7.0.2", "7.0.2.0", "17958471", "17867351", "vmx-19"},
	"8.0": {"8.0.2", "8.0.2.0", "22617221", "22380479", "vmx-21"},
}

func releaseNames() []string {
	var all []string
	for name := range releases {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// describeVCenter rewrites the simulator's self-description. It says that it is one, so that nobody reports a guest as verified that never ran.
func (r release) describeVCenter(about *types.AboutInfo) {
	r.describe(about, r.vCenterBuild)
	about.FullName += " (govmomi simulator)"
}

// describeHosts rewrites the templates that every simulated host and VM is copied from; it must run before the model is created.
func (r release) describeHosts() {
	r.describe(&esx.HostConfigInfo.Product, r.hostBuild)
	esx.HardwareVersion = r.hardwareVersion
}

func (r release) describe(about *types.AboutInfo, build string) {
	about.Version, about.ApiVersion, about.Build = r.version, r.apiVersion, build
	about.FullName = fmt.Sprintf("%s %s build-%s", about.Name, r.version, build)
	about.LicenseProductVersion = r.version[:3]
}
