import type { Call } from "../api/call.ts";
import { type Endpoint, Page } from "../api/endpoint.ts";
import { refuse } from "../api/error.ts";
import { ownerOf } from "../model/access.ts";
import type { Task } from "../model/tasks.ts";
import { decodeUpid } from "../model/upid.ts";
import { byMajor } from "../schema/by-major.ts";
import { splitList } from "../schema/check.ts";
import { node, vmidSchema } from "../schema/parameters.ts";
import { choice, flag, formatted, integer, required, text } from "../schema/schema.ts";

const DEFAULT_LIMIT = 50;

/** A task's parts as every answer shows them: a token's user and its name apart. */
export function taskParts({ view, pid, pstart, starttime }: Task) {
  const [user = "", tokenid] = view.user.split("!");
  const { type, id, node: on } = view;
  return { node: on, pid, pstart, starttime, type, id, user, ...(tokenid === undefined ? {} : { tokenid }) };
}

/** The task of a call that may look at it. */
function taskOf(call: Call, privilege: string): Task {
  const upid = call.text("upid");
  if (decodeUpid(upid) === undefined) refuse({ upid: "unable to parse worker upid" });
  const task = call.cluster.tasks.get(upid) ?? refuse({ upid: "no such task" });
  if (ownerOf(task.view.user) !== ownerOf(call.user)) call.need(`/nodes/${call.text("node")}`, privilege);
  return task;
}

function status(call: Call) {
  const task = taskOf(call, "Sys.Audit");
  const state =
    task.exitStatus === undefined
      ? { status: "running" }
      : { status: "stopped", exitstatus: task.exitStatus };
  return { upid: task.upid, ...taskParts(task), ...state };
}

function log(call: Call): Page {
  const { log: lines } = taskOf(call, "Sys.Audit");
  const start = call.number("start") ?? 0;
  const limit = call.number("limit") ?? DEFAULT_LIMIT;
  const end = limit === 0 ? lines.length : start + limit;
  const shown = lines.slice(start, end).map((line, index) => ({ n: start + index + 1, t: line }));
  return lines.length === 0 ? new Page([{ n: 1, t: "no content" }], 1) : new Page(shown, lines.length);
}

function stop(call: Call): null {
  taskOf(call, "Sys.Modify").stop.abort();
  return null;
}

/** The word that filters by status use. */
function statusWord(exitStatus: string | undefined): string {
  if (exitStatus === undefined) return "unknown";
  if (exitStatus === "OK") return "ok";
  return exitStatus.startsWith("WARNINGS: ") ? "warning" : "error";
}

function list(call: Call): Page {
  const { values } = call;
  const source = values["source"] ?? "archive";
  const words = call.flag("errors")
    ? ["warning", "error", "unknown"]
    : splitList((values["statusfilter"] ?? "").toLowerCase());
  const auditor = call.may(`/nodes/${call.node.name}`, "Sys.Audit");
  const fits = (task: Task) =>
    task.view.node === call.node.name &&
    (source === "all" || (task.exitStatus === undefined) === (source === "active")) &&
    (auditor || ownerOf(task.view.user) === ownerOf(call.user)) &&
    (values["typefilter"] ?? task.view.type) === task.view.type &&
    (values["vmid"] ?? task.view.id) === task.view.id &&
    ownerOf(task.view.user)
      .toLowerCase()
      .includes((values["userfilter"] ?? "").toLowerCase()) &&
    task.starttime >= (call.number("since") ?? 0) &&
    task.starttime <= (call.number("until") ?? Number.POSITIVE_INFINITY) &&
    (words.length === 0 || words.includes(statusWord(task.exitStatus)));
  const found = call.cluster.tasks.all().reverse().filter(fits);
  const start = call.number("start") ?? 0;
  const shown = found.slice(start, start + (call.number("limit") ?? DEFAULT_LIMIT));
  return new Page(shown.map(listed), found.length);
}

function listed(task: Task) {
  const ended = task.endtime === undefined ? {} : { endtime: task.endtime };
  return { upid: task.upid, ...taskParts(task), status: task.exitStatus ?? "RUNNING", ...ended };
}

const upid = { ...node, upid: required(text()) };

export const taskEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/tasks",
    permission: "all",
    parameters: {
      ...node,
      errors: flag(),
      limit: integer(0),
      since: byMajor({ 7: integer() }),
      source: choice("archive", "active", "all"),
      start: integer(0),
      statusfilter: byMajor({ 7: formatted("pve-task-status-type-list") }),
      typefilter: text(),
      until: byMajor({ 7: integer() }),
      userfilter: text(),
      vmid: vmidSchema,
    },
    run: list,
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}",
    permission: "all",
    local: true,
    parameters: upid,
    run: () => [{ name: "log" }, { name: "status" }],
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/status",
    permission: "all",
    parameters: upid,
    run: status,
  },
  {
    method: "GET",
    path: "/nodes/{node}/tasks/{upid}/log",
    permission: "all",
    parameters: { ...upid, download: byMajor({ 7: flag() }), limit: integer(0), start: integer(0) },
    run: log,
  },
  { method: "DELETE", path: "/nodes/{node}/tasks/{upid}", permission: "all", parameters: upid, run: stop },
];
