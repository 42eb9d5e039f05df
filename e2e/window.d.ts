/** What the page gives to tests; declared where it is set, in src/main.tsx. */
interface Window {
  pmemscope: { idle(): Promise<void>; hash(): string | undefined }
}
