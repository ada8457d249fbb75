/** What the register says of the lift; a date that has passed stands out. */
import type { LiftRecord } from "../../../../src/core/lift.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { districtName } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { now, zone } from "../site.ts";
import { words } from "./words.ts";

const FIELDS = [
  "kind",
  "building",
  "address",
  "district",
  "userUnit",
  "firm",
  "station",
  "maker",
  "model",
  "installedOn",
  "ratedSpeedMps",
  "ratedLoadKg",
  "floors",
  "travelM",
  "nextInspectionOn",
  "insuredUntil",
  "inService",
] as const;
const UNITS: Readonly<Record<string, string>> = { ratedSpeedMps: "m/s", ratedLoadKg: "kg", travelM: "m" };
const DUE: ReadonlySet<string> = new Set(["nextInspectionOn", "insuredUntil"]);
/** In the site's own language wherever it is shown. */
const WRITTEN: ReadonlySet<string> = new Set(["building", "address", "userUnit", "firm", "station", "maker", "model"]);

export function Register({ lift }: { readonly lift: LiftView }) {
  const say = words.value;
  const { register } = lift;
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone.value }).format(now.value - (now.value % 60_000));
  return (
    <section aria-labelledby="register-title">
      <div class="bar">
        <h2 id="register-title">{say.register}</h2>
      </div>
      {register === null ? (
        <p class="note">▲ {say.unregistered}</p>
      ) : (
        <dl class="values">
          {FIELDS.map((name) => {
            const late = DUE.has(name) && typeof register[name] === "string" && register[name] < today;
            return (
              <div key={name} class={late ? "abnormal" : undefined}>
                <dt>{say.fields[name]}</dt>
                <dd class={register[name] === undefined ? "quiet" : undefined} lang={WRITTEN.has(name) ? "zh" : undefined}>
                  {valueOf(register, name)}
                  {late && <b lang={messages.value.tag}> ▲ {say.overdue}</b>}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </section>
  );
}

function valueOf(register: LiftRecord, name: (typeof FIELDS)[number]): string {
  const say = words.value;
  const value = register[name];
  if (value === undefined) return messages.value.parts.unknown;
  if (name === "kind") return say.kinds[register.kind ?? "passenger"];
  if (name === "district") return districtName(String(value), language.value);
  if (typeof value === "boolean") return value ? say.yes : say.no;
  return UNITS[name] === undefined ? String(value) : `${value} ${UNITS[name]}`;
}
