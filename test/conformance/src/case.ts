import type { Feature } from "@virtrigaud/proto";
import type { CaseContext } from "./case-context.ts";

/** One thing that the contract promises, and how to see it. */
export interface Case {
  /** Name of the case, as --only takes it. */
  readonly id: string;
  /** What holds, in one sentence. */
  readonly title: string;
  /** Where the contract says so: file, message or RPC, and the sentence. */
  readonly contract: string;
  /**
   * What the provider must be able to do for the case to make sense. Where it says UNSUPPORTED and the fixture agrees, the case
   * is skipped; where the fixture expects the feature, it fails.
   */
  readonly needs: readonly Feature[];
  /** Runs after the others, with none beside it: for what the doings of another case would hide. */
  readonly alone?: true;
  /** Throws what the provider does otherwise. Must leave deletion to the context: every uid it hands out is cleaned up. */
  readonly run: (context: CaseContext) => Promise<void>;
}
