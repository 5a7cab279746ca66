import type { ExecResult, GuestView } from "./guest.ts";

/**
 * The few programs that a plain guest has: true, false, test, cat, echo and sh -c with one of them or a list of
 * them. Enough for the usual probes of /dev/kvm, /proc/cpuinfo and the modules' parameters.
 */
export function commonPrograms(
  virtualization: GuestView["virtualization"],
  argv: readonly string[],
  input: string | undefined,
): ExecResult | undefined {
  const [program = "", ...rest] = argv;
  const name = program.replace(/^(?:\/usr)?\/bin\//, "");
  if (name === "sh" || name === "bash") {
    const script = rest[0] === "-c" ? (rest[1] ?? "") : (input ?? "");
    return runScript(virtualization, script);
  }
  return programs[name]?.(rest, files(virtualization));
}

type Files = Readonly<Record<string, string>>;
type Program = (args: readonly string[], files: Files) => ExecResult;

const programs: Readonly<Record<string, Program>> = {
  true: () => ({ exitcode: 0 }),
  false: () => ({ exitcode: 1 }),
  echo: (args) => ({ exitcode: 0, out: `${args.join(" ")}\n` }),
  test: ([, path = ""], there) => ({ exitcode: path in there ? 0 : 1 }),
  cat: (paths, there) => {
    const missing = paths.find((path) => there[path] === undefined);
    return missing === undefined
      ? { exitcode: 0, out: paths.map((path) => there[path]).join("") }
      : { exitcode: 1, err: `cat: ${missing}: No such file or directory\n` };
  },
};

function files(virtualization: GuestView["virtualization"]): Files {
  const flags = `fpu vme de pse tsc msr pae mce${virtualization === undefined ? "" : ` ${virtualization}`} lm`;
  const cpuinfo = { "/proc/cpuinfo": `processor\t: 0\nflags\t\t: ${flags}\n` };
  if (virtualization === undefined) return cpuinfo;
  const module = virtualization === "vmx" ? "kvm_intel" : "kvm_amd";
  return { ...cpuinfo, "/dev/kvm": "", [`/sys/module/${module}/parameters/nested`]: "1\n" };
}

/** Runs the commands of a `;` or `&&` list one after the other; what it does not know is command not found. */
function runScript(virtualization: GuestView["virtualization"], script: string): ExecResult {
  let result: Omit<Required<ExecResult>, "ms"> = { exitcode: 0, out: "", err: "" };
  for (const [, operator, command = ""] of script.matchAll(/(^|;|&&)([^;&]+)/g)) {
    if (operator === "&&" && result.exitcode !== 0) continue;
    const words = command
      .trim()
      .split(/\s+/)
      .filter((word) => !/^2?>/.test(word));
    if (words.length === 0 || words[0] === "") continue;
    const ran = programs[words[0] as string]?.(words.slice(1), files(virtualization)) ?? {
      exitcode: 127,
      err: `sh: ${words[0]}: not found\n`,
    };
    result = { exitcode: ran.exitcode, out: result.out + (ran.out ?? ""), err: result.err + (ran.err ?? "") };
  }
  return result;
}
