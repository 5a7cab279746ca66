// biome formats, tsc checks types; eslint only finds what neither can: promises nobody waits for.
import tseslint from "typescript-eslint";

export default tseslint.config({
  files: ["**/src/**/*.ts"],
  ignores: ["proto/src/gen/**", "**/dist/**"],
  languageOptions: { parser: tseslint.parser, parserOptions: { project: "./tsconfig.json" } },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: {
    "@typescript-eslint/no-floating-promises": "error",
    "@typescript-eslint/no-misused-promises": "error",
  },
});
