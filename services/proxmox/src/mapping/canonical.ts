import { decodeAgent, encodeAgent } from "./language/agent.ts";
import { decodeCpu, encodeCpu } from "./language/cpu.ts";
import { decodeDrive, encodeDrive } from "./language/drive.ts";
import { decodeHotplug, encodeHotplug } from "./language/hotplug.ts";
import { decodeMachine, encodeMachine } from "./language/machine.ts";
import { decodeNet, encodeNet } from "./language/net.ts";
import { decodeTags, encodeTags } from "./language/tags.ts";

/** Options that can be written in several ways, and the one way that they are compared in. */
const writers: readonly (readonly [option: RegExp, write: (text: string) => string])[] = [
  [/^agent$/, (text) => encodeAgent(decodeAgent(text))],
  [/^cpu$/, (text) => encodeCpu(decodeCpu(text))],
  [/^machine$/, (text) => encodeMachine(decodeMachine(text))],
  [/^hotplug$/, (text) => encodeHotplug(decodeHotplug(text))],
  [/^tags$/, (text) => encodeTags(decodeTags(text))],
  [/^net\d+$/, (text) => encodeNet(decodeNet(text))],
  [/^(?:scsi|virtio|sata|ide)\d+$/, (text) => encodeDrive(decodeDrive(text))],
  [/^(?:cpulimit|cpuunits|balloon|cores|sockets|vcpus)$/, (text) => String(Number(text))],
];

/** Whether two values of an option mean the same. */
export function isSameOption(
  option: string,
  a: string | number | undefined,
  b: string | number | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  const write = writers.find(([pattern]) => pattern.test(option))?.[1] ?? ((text: string) => text);
  return String(a) === String(b) || write(String(a)) === write(String(b));
}
