import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{harness,cluster,checkers,workloads,reports,docker}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
