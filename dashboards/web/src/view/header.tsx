import { dateTime, zoneOffset } from "../format.ts";
import { messages, nextTheme, type Theme, theme, toggleLanguage } from "../preferences.ts";
import { leave, now, session, zone } from "../site.ts";

const THEME_SIGNS: Readonly<Record<Theme, string>> = { auto: "◐", light: "○", dark: "●" };

export function Header() {
  const say = messages.value;
  const person = session.value;
  return (
    <header class="head">
      <a class="skip" href="#alerts">
        {say.header.skip}
      </a>
      <span class="name">Hoistway</span>
      {person !== null && <SiteClock />}
      <span class="push" />
      {person !== null && <span class="who">{say.header.signedInAs(person.name, say.roles[person.role])}</span>}
      <button type="button" class="plain" lang={say.otherLanguageTag} title={say.switchLanguage} onClick={toggleLanguage}>
        {say.otherLanguage}
      </button>
      <button type="button" class="plain" onClick={nextTheme}>
        <span class="unseen">{say.header.theme}: </span>
        <span aria-hidden="true">{THEME_SIGNS[theme.value]} </span>
        {say.header.themes[theme.value]}
      </button>
      {person !== null && person.auth !== "off" && (
        <button type="button" class="plain" onClick={() => void leave()}>
          {say.header.signOut}
        </button>
      )}
    </header>
  );
}

function SiteClock() {
  const say = messages.value;
  return (
    <span class="clock">
      <span class="unseen">{say.header.siteTime}: </span>
      <time dateTime={new Date(now.value).toISOString()}>{dateTime(now.value, zone.value, say.tag)}</time>{" "}
      <span class="quiet">
        {zone.value} ({zoneOffset(now.value, zone.value)})
      </span>
    </span>
  );
}
