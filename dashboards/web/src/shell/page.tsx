/** The frame around every view. */
import { place } from "../router.ts";
import { LazyView } from "../parts/lazy.tsx";
import { messages } from "../preferences.ts";
import { entrance, may } from "../site.ts";
import { viewAt } from "../views.ts";
import { Announcer } from "./announcer.tsx";
import { Header } from "./header.tsx";
import { SignIn } from "./sign-in.tsx";
import { Status } from "./status.tsx";
import { Tour } from "./tour.tsx";

export function Page() {
  return (
    <>
      <Header />
      <Body />
    </>
  );
}

function Body() {
  const say = messages.value;
  if (entrance.value === "checking") return null;
  if (entrance.value === "signed-out") return <SignIn />;
  if (entrance.value === "unreachable") {
    return (
      <main class="sign-in" id="main">
        <p role="alert">{say.signIn.unreachable}</p>
      </main>
    );
  }
  return (
    <>
      <Status />
      <Shown />
      <Announcer />
      <Tour />
    </>
  );
}

function Shown() {
  const say = messages.value;
  const at = viewAt(place.value.path);
  if (at === null) return <Notice title={say.parts.noSuchPage} text={place.value.path} />;
  if (!may(at.view.least)) return <Notice title={say.parts.notForYou(say.roles[at.view.least])} text={say.nav[at.view.id]} />;
  return <LazyView key={at.view.id} view={at.view} params={at.params} />;
}

function Notice(props: { readonly title: string; readonly text: string }) {
  return (
    <main class="page" id="main" tabIndex={-1}>
      <h1>{props.title}</h1>
      <p class="quiet">{props.text}</p>
      <p>
        <a href="/">{messages.value.nav.monitor}</a>
      </p>
    </main>
  );
}
