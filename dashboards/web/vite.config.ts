import { defineConfig } from "vite";

// The page is served under `default-src 'none'; script-src 'self'; style-src 'self'`: nothing may be inlined.
export default defineConfig({
  base: "/",
  build: {
    outDir: "../../dist/dashboard",
    emptyOutDir: true,
    target: ["chrome123", "edge123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
