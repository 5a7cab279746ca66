import { describe, expect, test } from "@jest/globals";
import { parseLibvirtUri } from "./uri.ts";

const qemu = { name: "qemu:///system", driver: "qemu" };

test.each([
  ["qemu:///system", { ...qemu, transport: "unix" }],
  ["qemu:///session", { name: "qemu:///session", driver: "qemu", transport: "unix" }],
  ["test:///default", { name: "test:///default", driver: "test", transport: "unix" }],
  ["qemu+unix:///system?socket=/run/a%20b", { ...qemu, transport: "unix", socket: "/run/a b" }],
  ["qemu+ssh://host1/system", { ...qemu, transport: "ssh", host: "host1" }],
  [
    "qemu+ssh://virt@host1.example:2222/system?keyfile=/k/id&known_hosts=/k/hosts&socket=/s",
    {
      ...qemu,
      transport: "ssh",
      host: "host1.example",
      port: 2222,
      user: "virt",
      socket: "/s",
      keyFile: "/k/id",
      knownHostsFile: "/k/hosts",
    },
  ],
  ["qemu+ssh://[fe80::1]/system", { ...qemu, transport: "ssh", host: "fe80::1" }],
  ["qemu+tls://host1/system", { ...qemu, transport: "tls", host: "host1", port: 16514 }],
  ["qemu://host1/system", { ...qemu, transport: "tls", host: "host1", port: 16514 }],
  [
    "qemu+tls://host1:17000/system?pkipath=/pki",
    { ...qemu, transport: "tls", host: "host1", port: 17000, pkiPath: "/pki" },
  ],
])("%s", (uri, target) => {
  expect(parseLibvirtUri(uri)).toEqual(target);
});

describe("refused", () => {
  test.each([
    ["qemu", 'libvirt URI "qemu": it is not of the form driver[+unix|+ssh|+tls]://[user@][host][:port]/path'],
    [
      "qemu+tcp://host1/system",
      'libvirt URI "qemu+tcp://host1/system": transport "tcp" is not unix, ssh or tls',
    ],
    ["qemu+ssh:///system", 'libvirt URI "qemu+ssh:///system": it needs a host'],
    [
      "qemu+unix://host1/system",
      'libvirt URI "qemu+unix://host1/system": a unix socket has no host: use +ssh or +tls',
    ],
    [
      "qemu+ssh://-oProxyCommand=x/system",
      'libvirt URI "qemu+ssh://-oProxyCommand=x/system": "-oProxyCommand=x" is not a host name',
    ],
    ["qemu+ssh://-l@host1/system", 'libvirt URI "qemu+ssh://…@host1/system": "-l" is not a user name'],
    [
      "qemu+ssh://u:secret@host1/system",
      'libvirt URI "qemu+ssh://…@host1/system": it must not hold a password: use a key or certificate',
    ],
    ["qemu:///a/b", 'libvirt URI "qemu:///a/b": its path must be one word, as in qemu:///system'],
    ["qemu:///$(x)", 'libvirt URI "qemu:///$(x)": its path must be one word, as in qemu:///system'],
    [
      "qemu+ssh://host1/system?no_verify=1",
      'libvirt URI "qemu+ssh://host1/system?no_verify=1": parameter "no_verify" is not one of socket, keyfile, known_hosts',
    ],
    [
      "qemu+ssh://host1/system?keyfile=id",
      'libvirt URI "qemu+ssh://host1/system?keyfile=id": keyfile must be an absolute path',
    ],
  ])("%s", (uri, message) => {
    expect(() => parseLibvirtUri(uri)).toThrow(new TypeError(message));
  });
});
