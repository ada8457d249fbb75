import { defineConfig } from "vitest/config";

// Fast suites first; the slow ones start real servers and kill processes, so they do not share the two cores.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "fast", include: ["test/{unit,property,golden,contract}/**/*.test.ts", "test/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "servers",
          include: ["test/{integration,crash,browser}/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
