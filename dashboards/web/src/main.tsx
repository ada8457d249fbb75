import { effect } from "@preact/signals";
import { render } from "preact";
import { followLists } from "./acts.ts";
import { applyPreferences, messages } from "./preferences.ts";
import { enter, entrance, lists, stale } from "./site.ts";
import { Alerts, Announcer } from "./view/alerts.tsx";
import { Fleet } from "./view/fleet.tsx";
import { Header } from "./view/header.tsx";
import { SignIn } from "./view/sign-in.tsx";
import { Status } from "./view/status.tsx";

function Page() {
  return (
    <>
      <Header />
      <Body />
    </>
  );
}

function Body() {
  if (entrance.value === "checking") return null;
  if (entrance.value === "signed-out") return <SignIn />;
  if (entrance.value === "unreachable") {
    return (
      <main class="sign-in">
        <p role="alert">{messages.value.signIn.unreachable}</p>
      </main>
    );
  }
  return (
    <>
      <Status />
      <main class={stale.value ? "board old" : "board"}>
        <Alerts />
        <Fleet />
      </main>
      <Announcer />
    </>
  );
}

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no element with id page");
applyPreferences();
followLists();
effect(() => {
  const open = lists.value.unacknowledgedCritical;
  document.title = `${stale.value && entrance.value === "signed-in" ? "⚠ " : ""}${open > 0 ? `(${open}) ` : ""}Hoistway`;
});
render(<Page />, place);
void enter();
