package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"strings"
)

type options struct {
	listen             string
	username, password string
	nested, cpuVendor  string
	apiVersion         string
	templates          names
	datastores         names
	vms, hosts         int
	datacenters        int
	keyProvider        string
	noNestedHotAdd     bool
}

// names is a flag that may be given several times.
type names []string

func (n *names) String() string { return strings.Join(*n, ",") }

func (n *names) Set(name string) error {
	if name == "" {
		return errors.New("a name must not be empty")
	}
	*n = append(*n, name)
	return nil
}

func parseOptions(args []string, getenv func(string) string) (options, error) {
	o := options{username: getenv("VCSIM_USERNAME"), password: getenv("VCSIM_PASSWORD")}
	if o.username == "" {
		o.username = "user"
	}
	if o.password == "" {
		o.password = "pass"
	}
	f := flag.NewFlagSet("vcsim", flag.ExitOnError)
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address and port; port 0 takes a free one")
	f.StringVar(&o.nested, "nested", "true", "hosts that can nest: true (all), false (none), mixed (every second, the first included)")
	f.StringVar(&o.cpuVendor, "cpu-vendor", "intel", "intel or amd")
	f.StringVar(&o.apiVersion, "api-version", "8.0", "vCenter and ESXi release: "+strings.Join(releaseNames(), ", "))
	f.Var(&o.templates, "template", "`name` of a template to create in every datacenter's vm folder (repeatable)")
	f.Var(&o.datastores, "datastore", "`name` of an extra datastore on all hosts of every datacenter (repeatable)")
	f.IntVar(&o.vms, "vms", 0, "powered-on VMs per datacenter")
	f.IntVar(&o.hosts, "hosts", 2, "hosts of the one cluster of every datacenter")
	f.IntVar(&o.datacenters, "datacenters", 1, "datacenters")
	f.StringVar(&o.keyProvider, "key-provider", "", "`name` of a default native key provider; without one vTPM must be refused")
	f.BoolVar(&o.noNestedHotAdd, "reject-cpu-hot-add-with-nested", false, "refuse nestedHVEnabled together with cpuHotAddEnabled")
	_ = f.Parse(args) // ExitOnError
	return o, o.check(f.Args())
}

// check reports every bad flag at once.
func (o *options) check(rest []string) error {
	var bad []string
	oneOf := func(flag, value string, allowed ...string) {
		for _, a := range allowed {
			if a == value {
				return
			}
		}
		bad = append(bad, fmt.Sprintf("-%s is %q, must be one of %s", flag, value, strings.Join(allowed, ", ")))
	}
	atLeast := func(flag string, value, min int) {
		if value < min {
			bad = append(bad, fmt.Sprintf("-%s is %d, must be at least %d", flag, value, min))
		}
	}
	oneOf("nested", o.nested, "true", "false", "mixed")
	oneOf("cpu-vendor", o.cpuVendor, "intel", "amd")
	oneOf("api-version", o.apiVersion, releaseNames()...)
	atLeast("vms", o.vms, 0)
	atLeast("hosts", o.hosts, 1)
	atLeast("datacenters", o.datacenters, 1)
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		bad = append(bad, fmt.Sprintf("-listen is %q, must be host:port", o.listen))
	}
	if len(rest) > 0 {
		bad = append(bad, fmt.Sprintf("unexpected arguments: %s", strings.Join(rest, " ")))
	}
	if len(bad) > 0 {
		return errors.New(strings.Join(bad, "; "))
	}
	return nil
}
