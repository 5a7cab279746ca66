import type { Provider } from "../api/provider.ts";
import type { VirtualMachine } from "../api/virtual-machine.ts";
import type { Report } from "../obstacle.ts";

const MAX_LENGTH = 80;

/**
 * The VM's native name: Provider.spec.naming with {namespace} and {name} filled in, by default "{name}".
 * With the default, VMs of the same name in two namespaces collide at the hypervisor, and the second is refused (NAME_TAKEN).
 */
export function nativeName(vm: VirtualMachine, provider: Provider, report: Report): string {
  const template = provider.spec.naming ?? "{name}";
  const name = template
    .replaceAll("{namespace}", vm.metadata.namespace)
    .replaceAll("{name}", vm.metadata.name);
  if (name.length > MAX_LENGTH) {
    report(
      "NameTooLong",
      `native name ${name} has ${name.length} characters, more than ${MAX_LENGTH}: shorten metadata.name or spec.naming of Provider ${provider.metadata.name}`,
    );
  }
  return name;
}
