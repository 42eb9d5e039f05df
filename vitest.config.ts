import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    // Property tests take longer under `npm run fuzz`, which raises this.
    testTimeout: 30_000,
  },
})
