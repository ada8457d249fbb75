import { signal } from "@preact/signals";
import type { Messages } from "../messages/messages.ts";
import { messages } from "../preferences.ts";
import { Refused } from "../rest.ts";
import { enterWith } from "../site.ts";

const token = signal("");
const busy = signal(false);
const failure = signal<((messages: Messages) => string) | null>(refusedInAddress() ? (say) => say.signIn.refused : null);

/** The program sends those whose one-time address is used up to `/?sign-in=refused`. */
function refusedInAddress(): boolean {
  return new URLSearchParams(location.search).get("sign-in") === "refused";
}

export function SignIn() {
  const say = messages.value;
  return (
    <main class="sign-in">
      <h1>{say.signIn.title}</h1>
      <p>{say.signIn.explain}</p>
      <p class="quiet">{say.signIn.where}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {/* For password managers, which keep a token under a name. */}
        <input name="username" autocomplete="username" value="hoistway" readOnly hidden />
        <label for="token">{say.signIn.token}</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={token.value}
          onInput={(event) => (token.value = event.currentTarget.value)}
        />
        <button type="submit" disabled={busy.value}>
          {say.signIn.submit}
        </button>
        {failure.value !== null && (
          <p class="failure" role="alert">
            {failure.value(say)}
          </p>
        )}
      </form>
    </main>
  );
}

async function submit(): Promise<void> {
  busy.value = true;
  failure.value = null;
  try {
    await enterWith(token.value.trim());
    token.value = "";
    history.replaceState(null, "", location.pathname);
  } catch (error) {
    const known = error instanceof Refused && error.status < 500;
    failure.value = (say) => (known ? say.signIn.refused : say.signIn.unreachable);
  } finally {
    busy.value = false;
  }
}
