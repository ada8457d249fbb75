/** A command of the program, to be copied. */
import { say } from "./messages.ts";

export function Command({ text }: { readonly text: string }) {
  return (
    <>
      <pre class="command" tabIndex={0}>
        {text}
      </pre>
      {/* Browsers give the clipboard to pages on this machine or over TLS only. */}
      {"clipboard" in navigator && (
        <button type="button" onClick={() => void navigator.clipboard.writeText(text)}>
          {say.value.copy}
        </button>
      )}
    </>
  );
}
