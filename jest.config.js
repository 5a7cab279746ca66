// One runner for every package. TypeScript is compiled by swc (types are checked apart, by tsc);
// "source" resolves workspace packages to their sources, so that tests never see a stale build.
export default {
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  testMatch: ["<rootDir>/{proto,services/*,controller,test/*}/src/**/*.test.ts"],
  // No test measures time; this only ends what hangs, on machines that are busy as well.
  testTimeout: 30_000,
  // Much of the time goes to daemons and simulators, not to jest itself.
  maxWorkers: 2,
  modulePathIgnorePatterns: ["/dist/"],
};
