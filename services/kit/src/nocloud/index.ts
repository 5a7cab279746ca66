// Seeds of cloud-init's NoCloud datasource as images. Pure.
export { type SeedFiles, writeSeed } from "./write-seed.ts";
