// The door of the conformance suite: any provider by its connection, any backend by its fixture.
export type { Case } from "./case.ts";
export { type Fixture, FixtureError, parseFixture, readFixture } from "./fixture.ts";
export { cases } from "./cases/index.ts";
export { countOutcomes } from "./report/count.ts";
export { junit } from "./report/junit.ts";
export { table } from "./report/table.ts";
export {
  type CaseResult,
  type ConformanceOptions,
  type Report,
  runConformance,
  UnknownCaseError,
} from "./run.ts";
