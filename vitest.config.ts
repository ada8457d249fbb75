import { defineConfig } from "vitest/config";

// What is polled for comes in a moment; on a machine that does other things too the moment is longer than the second of the default.
const SLOW = { testTimeout: 180_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } };

// Fast suites first. Then those with real servers and those that kill processes, three at a time on any machine: most of their time they
// wait for a process. Last, alone, those that look at frames, load times and clocks in a browser.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "fast", include: ["test/{unit,property,golden,contract}/**/*.test.ts", "test/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          ...SLOW,
          name: "servers",
          include: ["test/{integration,crash}/**/*.test.ts"],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...SLOW,
          name: "alone",
          include: ["test/browser/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
