import { randomUUID } from "node:crypto";
import { type Capability, type Feature, Support } from "@virtrigaud/proto";
import { ProviderCallError, type ProviderConnection } from "@virtrigaud/kit/client";
import type { Case } from "./case.ts";
import { CaseContext, listAll, type Run } from "./case-context.ts";
import { cases } from "./cases/index.ts";
import { leftBehind } from "./cases/left-behind.ts";
import { describe, Failure, Skip } from "./expect.ts";
import type { Fixture } from "./fixture.ts";

/** How a case came out. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly contract: string;
  readonly outcome: "PASS" | "FAIL" | "SKIP";
  readonly durationMs: number;
  /** What was expected and what came, or why it was skipped; empty for PASS. */
  readonly message: string;
}

/** How all cases came out, in the order of the list of cases. */
export interface Report {
  readonly provider: string;
  readonly results: readonly CaseResult[];
}

/** A case was named that there is not. */
export class UnknownCaseError extends Error {}

/** What to run against what. */
export interface ConformanceOptions {
  /** Best without retries and breaker (`retries: 0, breaker: false`), so that every answer is seen. It is not closed. */
  readonly connection: ProviderConnection;
  readonly fixture: Fixture;
  /** Ids of the cases to run; default all. */
  readonly only?: readonly string[];
  /** Told of each case as it ends. */
  readonly log?: (result: CaseResult) => void;
  /** Cases at a time; default 4. */
  readonly parallel?: number;
}

/**
 * Runs the cases against a provider and deletes what they made, whatever their outcome.
 * @throws UnknownCaseError
 * @throws ProviderCallError when GetInfo, GetCapabilities or ListVMs cannot be called at all.
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { connection, fixture, only, log = () => {}, parallel = 4 } = options;
  const chosen = chooseCases(only);
  const run = await begin(connection, fixture);
  const results = new Map<string, CaseResult>();
  const work = async (queue: Iterable<Case>) => {
    for (const item of queue) {
      const result = await runCase(run, item);
      results.set(item.id, result);
      log(result);
    }
  };
  const queue = chosen.filter(({ alone }) => !alone).values();
  await Promise.all(Array.from({ length: parallel }, () => work(queue)));
  await work(chosen.filter(({ alone }) => alone));
  return {
    provider: `${run.info.provider} ${run.info.version} (${run.info.hypervisorType} ${run.info.hypervisorVersion})`,
    results: chosen.flatMap(({ id }) => results.get(id) ?? []),
  };
}

function chooseCases(only: readonly string[] | undefined): Case[] {
  const unknown = only?.filter((id) => !cases.some((item) => item.id === id)) ?? [];
  if (unknown.length > 0)
    throw new UnknownCaseError(`unknown cases: ${unknown.join(", ")}; --list shows all`);
  return cases.filter((item) => only === undefined || only.includes(item.id) || item === leftBehind);
}

async function begin(provider: ProviderConnection, fixture: Fixture): Promise<Run> {
  const { capabilities } = await provider.getCapabilities({});
  return {
    provider,
    fixture,
    info: await provider.getInfo({}),
    capabilities: new Map(capabilities.map((capability) => [capability.feature, capability])),
    before: await listAll(provider, AbortSignal.timeout(fixture.timeouts.operationMs)),
    prefix: `conf-${randomUUID().slice(0, 8)}`,
    uids: new Set(),
  };
}

async function runCase(run: Run, item: Case): Promise<CaseResult> {
  const started = performance.now();
  const { id, title, contract } = item;
  const [outcome, message] = await outcomeOf(run, item);
  return { id, title, contract, outcome, message, durationMs: Math.round(performance.now() - started) };
}

type OutcomeAndMessage = [CaseResult["outcome"], string];

async function outcomeOf(run: Run, item: Case): Promise<OutcomeAndMessage> {
  const lacking = item.needs.flatMap((feature) => lack(run, feature));
  if (lacking[0]) return lacking[0];
  const { caseMs } = run.fixture.timeouts;
  const signal = AbortSignal.timeout(caseMs);
  const context = new CaseContext(run, item.id, signal);
  const outcome = await settle(() => item.run(context), signal, caseMs);
  // What a case made is deleted with time of its own: the case may have used up all of its.
  const cleaning = AbortSignal.timeout(caseMs);
  const cleaned = await settle(() => context.cleanUp(cleaning), cleaning, caseMs);
  return outcome[0] !== "FAIL" && cleaned[0] === "FAIL" ? ["FAIL", `cleaning up: ${cleaned[1]}`] : outcome;
}

/** Why a case that needs the feature cannot run; nothing when it can. */
function lack({ capabilities, fixture }: Run, feature: Feature): OutcomeAndMessage[] {
  const found: Capability | undefined = capabilities.get(feature);
  if (found && found.support !== Support.UNSUPPORTED) return [];
  const reason = found?.reason ?? "it is not in GetCapabilities";
  const { supported, unknown } = fixture.capabilities;
  const expected = supported.includes(feature) || unknown.includes(feature);
  if (expected) return [["FAIL", `the fixture expects ${feature}, the provider says UNSUPPORTED: ${reason}`]];
  return [["SKIP", `${feature} is UNSUPPORTED: ${reason}`]];
}

async function settle(act: () => Promise<void>, signal: AbortSignal, ms: number): Promise<OutcomeAndMessage> {
  try {
    await act();
    return ["PASS", ""];
  } catch (error) {
    if (error instanceof Skip) return ["SKIP", error.message];
    if (error instanceof Failure) return ["FAIL", error.message];
    if (signal.aborted) return ["FAIL", `not over within ${ms / 1000} s`];
    if (error instanceof ProviderCallError) return ["FAIL", `expected a success, got ${describe(error)}`];
    return ["FAIL", `defect of the case: ${error instanceof Error ? (error.stack ?? error.message) : error}`];
  }
}
