/** The top of every page: where one is, where one can go, the site's clock, search, and who is signed in. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clockTime, dateOnly, zoneOffset } from "../format.ts";
import { bindKey } from "../keys.ts";
import { messages, nextTheme, type Theme, theme, toggleLanguage } from "../preferences.ts";
import { place, remembered } from "../router.ts";
import { leave, may, now, session, zone } from "../site.ts";
import { isListed, viewAt, VIEWS } from "../views.ts";
import { Search } from "./search.tsx";
import { Shortcuts } from "./shortcuts.tsx";

const THEME_SIGNS: Readonly<Record<Theme, string>> = { auto: "◐", light: "○", dark: "●" };
const shortcutsShown = signal(false);

export function Header() {
  useEffect(() => bindKey("?", () => (shortcutsShown.value = true)), []);
  const say = messages.value;
  const person = session.value;
  return (
    <header class="head">
      <a class="skip" href="#main">
        {say.header.skip}
      </a>
      <span class="name">Hoistway</span>
      {person !== null && <Navigation />}
      {person !== null && <Search />}
      <span class="push" />
      {person !== null && <SiteClock />}
      {person !== null && (
        <span class="who" title={say.header.signedInAs(person.name, say.roles[person.role])}>
          <span>{person.name}</span> <span>{say.header.inRole(say.roles[person.role])}</span>
        </span>
      )}
      <span class="settings">
        <button type="button" class="plain" lang={say.otherLanguageTag} title={say.switchLanguage} onClick={toggleLanguage}>
          {say.otherLanguage}
        </button>
        <button type="button" class="plain" onClick={nextTheme}>
          <span class="unseen">{say.header.theme}: </span>
          <span aria-hidden="true">{THEME_SIGNS[theme.value]} </span>
          <span class="theme-word">{say.header.themes[theme.value]}</span>
        </button>
        {person !== null && (
          <button type="button" class="plain" aria-haspopup="dialog" title={say.keys.title} onClick={() => (shortcutsShown.value = true)}>
            <span aria-hidden="true">?</span>
            <span class="unseen">{say.keys.title}</span>
          </button>
        )}
        {person !== null && person.auth !== "off" && (
          <button type="button" class="plain" onClick={() => void leave()}>
            {say.header.signOut}
          </button>
        )}
      </span>
      {shortcutsShown.value && <Shortcuts onClose={() => (shortcutsShown.value = false)} />}
    </header>
  );
}

/** Only what the reader's role may see. */
function Navigation() {
  const say = messages.value;
  const at = viewAt(place.value.path)?.view.id;
  const offered = VIEWS.filter(({ listed, least }) => may(least) && isListed(listed, may));
  return (
    <nav class="nav" aria-label={say.header.navigation}>
      {offered.map(({ id, pattern }) => (
        <a key={id} href={remembered(pattern)} aria-current={id === at ? "page" : undefined}>
          {say.nav[id]}
        </a>
      ))}
    </nav>
  );
}

function SiteClock() {
  const say = messages.value;
  return (
    <span class="clock">
      <span class="unseen">{say.header.siteTime}: </span>
      <time dateTime={new Date(now.value).toISOString()}>
        <span class="clock-date">{dateOnly(now.value, zone.value, say.tag)}</span> {clockTime(now.value, now.value, zone.value, say.tag)}
      </time>{" "}
      <span class="quiet" title={zone.value}>
        {zoneOffset(now.value, zone.value)}
      </span>
    </span>
  );
}
