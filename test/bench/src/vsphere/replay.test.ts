import { expect, test } from "@jest/globals";
import { callsOfOneVm } from "./recording.ts";
import { fillIn, replay } from "./replay.ts";

const uid = "5b6fd86a-1296-4722-a0e9-4dfeaf119ee7";
const call = (method: string, body: string) => ({ method, body });

const find = call("FindByUuid", `<uuid>${uid}</uuid>`);
const probe = call("RetrievePropertiesEx", '<obj type="Folder">group-d1</obj>');
const create = call("CreateVM_Task", `<name>vm-${uid}</name><pool type="ResourcePool">resgroup-14</pool>`);
const pollCreate = call("RetrievePropertiesEx", '<obj type="Task">task-45</obj>');
const powerOn = call("PowerOnVM_Task", '<_this type="VirtualMachine">vm-46</_this>');
const pollPower = call("RetrievePropertiesEx", '<obj type="Task">task-47</obj>');
const calls = [find, create, pollCreate, powerOn, pollPower];

test("a recording holds what was sent for the VM, and of repeated polls one", () => {
  const seen = [find, probe, create, pollCreate, pollCreate, probe, pollCreate, powerOn, pollPower];
  expect(callsOfOneVm(seen, uid)).toEqual(calls);
});

test("a call is filled in for another VM, and nothing else in it changes", () => {
  const body = `<name>vm-${uid}</name><v>${uid}</v><pool type="ResourcePool">p-1</pool><t type="Task">task-45</t><m type="VirtualMachine">vm-46</m>`;
  expect(fillIn(body, uid, { uid: "NEW", task: "task-9", vm: "vm-9" })).toBe(
    '<name>vm-NEW</name><v>NEW</v><pool type="ResourcePool">p-1</pool><t type="Task">task-9</t><m type="VirtualMachine">vm-9</m>',
  );
});

test("a replay takes over the ids that vCenter gives, and polls until each task is done", async () => {
  const sent: string[] = [];
  const answers = [
    "<FindByUuidResponse/>",
    '<returnval type="Task">task-7</returnval>',
    "<state>running</state>",
    '<state>success</state><result XMLSchema-instance:type="ManagedObjectReference" type="VirtualMachine">vm-8</result>',
    '<returnval type="Task">task-9</returnval>',
    "<state>success</state>",
  ];
  const post = async (body: string) => {
    sent.push(body);
    return answers[sent.length - 1] ?? "";
  };
  await replay(post, { uid, calls }, "NEW");
  expect(sent).toEqual([
    "<uuid>NEW</uuid>",
    '<name>vm-NEW</name><pool type="ResourcePool">resgroup-14</pool>',
    '<obj type="Task">task-7</obj>',
    '<obj type="Task">task-7</obj>',
    '<_this type="VirtualMachine">vm-8</_this>',
    '<obj type="Task">task-9</obj>',
  ]);
});

test("a task that fails ends the replay", async () => {
  const post = async () => "<state>error</state>";
  await expect(replay(post, { uid, calls: [pollPower] }, "NEW")).rejects.toThrow("a replayed task failed");
});
