/** Buttons for operators' acts. An act is shown as done when it comes back over the feed, not when its button is pressed. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Alert } from "../../../../src/core/effects.ts";
import type { ActName } from "../../../../src/core/entry.ts";
import { acts, send } from "../acts.ts";
import { allowedActs, closeNeedsReason, nextAct } from "../handling.ts";
import { inLanguage, messages } from "../preferences.ts";
import { mayAct } from "../site.ts";
import { Dialog } from "./dialog.tsx";

const say = inLanguage(
  {
    shelveTitle: (hazard: string, lift: string) => `Shelve ${hazard}, lift ${lift}`,
    closeTitle: (hazard: string, lift: string) => `Close ${hazard}, lift ${lift}`,
    shelveExplain: "It leaves the list until then, and comes back by itself if it still stands.",
    closeExplain: "It still stands. Say why it may be closed.",
    reason: "Reason",
    reasons: ["Maintenance under way", "Known, work ordered", "False: sensor", "Test"] as readonly string[],
    howLong: "For",
    minutes: (n: number) => (n < 60 ? `${n} min` : `${n / 60} h`),
    note: "Note (optional)",
    cancel: "Cancel",
  },
  {
    shelveTitle: (hazard: string, lift: string) => `搁置：${hazard}，电梯 ${lift}`,
    closeTitle: (hazard: string, lift: string) => `关闭：${hazard}，电梯 ${lift}`,
    shelveExplain: "到期前不在列表中显示；到期后如仍存在，会自动恢复显示。",
    closeExplain: "报警条件仍然存在，请说明关闭原因。",
    reason: "原因",
    reasons: ["正在维保", "已知，已派工单", "误报：传感器问题", "测试"],
    howLong: "时长",
    minutes: (n: number) => (n < 60 ? `${n} 分钟` : `${n / 60} 小时`),
    note: "备注（可选）",
    cancel: "取消",
  },
);

const MINUTES = [15, 30, 60, 120, 240, 480] as const;

/** The act that waits for its words, or null. */
const asking = signal<{ readonly alert: Alert; readonly act: "shelve" | "close" } | null>(null);

/** Does it, or asks for its words first. */
export function perform(alert: Alert, act: ActName, byPointer: boolean): void {
  if (act === "shelve" || (act === "close" && closeNeedsReason(alert))) asking.value = { alert, act };
  else void send(alert.id, act, {}, byPointer);
}

interface ActButtonProps {
  readonly alert: Alert;
  readonly act: ActName;
  readonly primary?: boolean;
}

export function ActButton({ alert, act, primary = false }: ActButtonProps) {
  const words = messages.value;
  const state = acts.value.get(alert.id);
  const sending = state?.phase === "sending";
  return (
    <button
      type="button"
      class={primary ? "act primary" : "act"}
      disabled={sending}
      aria-label={words.acts.of(words.acts.names[act], words.hazards[alert.hazard], alert.liftId)}
      onClick={(event) => perform(alert, act, event.detail > 0)}
    >
      {sending && state.act === act ? words.alerts.sending : words.acts.names[act]}
    </button>
  );
}

/** The one act that comes next, for those who may do it, and what became of the last one where it was refused. */
export function NextAct({ alert }: { readonly alert: Alert }) {
  const act = nextAct(alert);
  return (
    <>
      {mayAct.value && act !== null && <ActButton alert={alert} act={act} primary />}
      <ActProblem alert={alert} />
    </>
  );
}

/** Every act that the state allows; the next one stands out. */
export function AllActs({ alert }: { readonly alert: Alert }) {
  if (!mayAct.value) return null;
  const next = nextAct(alert);
  return (
    <>
      <div class="acts">
        {allowedActs(alert).map((act) => (
          <ActButton key={act} alert={alert} act={act} primary={act === next} />
        ))}
      </div>
      <ActProblem alert={alert} />
    </>
  );
}

function ActProblem({ alert }: { readonly alert: Alert }) {
  const state = acts.value.get(alert.id);
  if (state?.phase !== "failed") return null;
  return (
    <span class="failure" role="alert">
      {state.reason(messages.value)}
    </span>
  );
}

/** Render once in a view: asks for what an act needs. */
export function ActWordsDialog() {
  const asked = asking.value;
  if (asked === null) return null;
  return <Asked key={`${asked.alert.id} ${asked.act}`} alert={asked.alert} act={asked.act} />;
}

function dismiss(): void {
  asking.value = null;
}

function Asked({ alert, act }: { readonly alert: Alert; readonly act: "shelve" | "close" }) {
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(60);
  const [note, setNote] = useState("");
  const words = messages.value;
  const hazard = words.hazards[alert.hazard];
  return (
    <Dialog title={(act === "shelve" ? say.value.shelveTitle : say.value.closeTitle)(hazard, alert.liftId)} onClose={dismiss}>
      <form
        class="asked"
        onSubmit={(event) => {
          event.preventDefault();
          const noted = note.trim() === "" ? {} : { note: note.trim() };
          void send(alert.id, act, { reason: reason.trim(), ...(act === "shelve" ? { minutes } : {}), ...noted }, false);
          dismiss();
        }}
      >
        <p class="quiet">{act === "shelve" ? say.value.shelveExplain : say.value.closeExplain}</p>
        <label>
          <span>{say.value.reason}</span>
          <input
            required
            pattern=".*\S.*"
            maxLength={2_000}
            list="reasons"
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        <datalist id="reasons">
          {say.value.reasons.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
        {act === "shelve" && (
          <label>
            <span>{say.value.howLong}</span>
            <select value={minutes} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
              {MINUTES.map((each) => (
                <option key={each} value={each}>
                  {say.value.minutes(each)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          <span>{say.value.note}</span>
          <input maxLength={2_000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        <div class="acts">
          <button type="submit" class="primary">
            {words.acts.names[act]}
          </button>
          <button type="button" onClick={dismiss}>
            {say.value.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
