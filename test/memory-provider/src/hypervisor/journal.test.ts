import { expect, test } from "@jest/globals";
import { Journal } from "./journal.ts";

const change = (id: string) => ({ id, name: id, ownerBefore: undefined });

test("changes since a revision, until they are forgotten", () => {
  const journal = new Journal(2);
  for (const id of ["a", "b", "c", "d"]) journal.record(change(id));
  const ids = (revision: number) => journal.since(revision)?.map(({ id }) => id);
  expect([ids(0), ids(3), ids(4), ids(5)]).toEqual([["a", "b", "c", "d"], ["d"], [], undefined]);
  journal.record(change("e"));
  expect([ids(0), ids(2), ids(3), ids(4)]).toEqual([undefined, undefined, ["d", "e"], ["e"]]);
});

test("who waits is woken by a change, by the time, and by giving up", async () => {
  const journal = new Journal();
  const { signal } = new AbortController();
  const woken = journal.next(60_000, signal);
  journal.record(change("a"));
  await woken;
  await journal.next(1, signal);
  await journal.next(60_000, AbortSignal.abort());
});
