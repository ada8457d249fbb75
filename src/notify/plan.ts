/** Who is told of what: targets and routes, as a file of YAML says them (docs/notifications.md). */
import { z } from "zod";
import { CHANGE_KINDS, HAZARDS, PRIORITIES } from "../core/effects.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, "expected at most 32 of a-z 0-9 _ -");
const minutes = (most: number) => z.number().positive().max(most);
const place = z.array(z.string().min(1).max(200)).min(1).max(1_000);
const secretName = z.string().min(1).max(1_000);
const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable");
/** A comma, a quote or an angle bracket would make another list of recipients of it. */
const address = z.string().regex(/^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,190}$/, "expected one plain mail address");

const rate = (messages: number, perMinutes: number) =>
  z
    .strictObject({ messages: z.int().min(1).max(100_000), perMinutes: minutes(1_440) })
    .default({ messages, perMinutes })
    .describe("single messages in a window; the rest of it becomes one summary. Critical alerts pass all the same");

const target = {
  lang: z.enum(["en", "zh"]).default("en"),
  timeoutS: z.number().min(1).max(60).default(10).describe("an attempt that takes longer has failed"),
  insecure: z.boolean().default(false).describe("allows a connection without TLS to another machine"),
};
const login = {
  username: z.string().min(1).max(200).optional(),
  passwordFile: secretName.optional().describe("file that holds the password"),
  passwordEnv: environmentName.optional().describe("environment variable that holds it"),
};

export const webhookSchema = z.strictObject({
  kind: z.literal("webhook"),
  ...target,
  url: z.url({ protocol: /^https?$/ }),
  secretFile: secretName.optional().describe("file that holds the key of the signature"),
  secretEnv: environmentName.optional().describe("environment variable that holds it"),
  rate: rate(600, 10),
});

export const mailSchema = z.strictObject({
  kind: z.literal("email"),
  ...target,
  server: z.url({ protocol: /^smtps?$/ }).describe("smtps:// is TLS from the first byte, smtp:// becomes it by STARTTLS"),
  ...login,
  from: address,
  to: z.array(address).min(1).max(100),
  rate: rate(30, 30),
});

export const mqttSchema = z.strictObject({
  kind: z.literal("mqtt"),
  ...target,
  broker: z
    .url({ protocol: /^mqtts?$/ })
    .optional()
    .describe("default: the broker that the lifts use"),
  ...login,
  topic: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+){0,7}$/, "expected words of letters, digits, _ and - with / between")
    .max(200)
    .refine((topic) => !/^lifts(\/|$)/.test(topic), "lifts/ is the devices'")
    .default("hoistway/alerts")
    .describe("the priority, or summary, is added to it"),
  rate: rate(600, 10),
});

const targetSchema = z.discriminatedUnion("kind", [webhookSchema, mailSchema, mqttSchema]);

/** What a route is for; a condition that is not there is always met. Within a list one match is enough, and all lists must match. */
export const whenSchema = z.strictObject({
  priority: z.array(z.enum(PRIORITIES)).min(1).optional(),
  hazard: z.array(z.enum(HAZARDS)).min(1).optional(),
  district: place.optional(),
  firm: place.optional(),
  building: place.optional(),
  change: z.array(z.enum(CHANGE_KINDS)).min(1).default(["raised", "confirmed", "cleared"]),
});

const to = z.array(z.string()).min(1).max(20);
const routeSchema = z.strictObject({
  name: name.optional(),
  when: whenSchema.prefault({}),
  to,
  escalate: z
    .array(z.strictObject({ afterMinutes: minutes(7 * 1_440), to }))
    .max(10)
    .default([])
    .describe("who else is told when nobody has acknowledged it by then"),
});

export const planSchema = z.strictObject({
  link: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("address at which people open the page"),
  giveUpAfterMinutes: minutes(7 * 1_440)
    .default(240)
    .describe("what is older is not sent any more"),
  criticalGiveUpAfterMinutes: minutes(7 * 1_440).default(1_440),
  targets: z.record(name, targetSchema).refine((targets) => Object.keys(targets).length <= 100, "expected at most 100"),
  routes: z.array(routeSchema).max(200),
});

export type WebhookTarget = z.infer<typeof webhookSchema>;
export type MailTarget = z.infer<typeof mailSchema>;
export type MqttTarget = z.infer<typeof mqttSchema>;
export type Target = z.infer<typeof targetSchema>;
type ParsedPlan = z.infer<typeof planSchema>;
export type Route = Omit<ParsedPlan["routes"][number], "name"> & { readonly name: string };

export interface Plan extends Omit<ParsedPlan, "routes"> {
  readonly routes: readonly Route[];
  /** Passwords and keys by the name of their target; never logged, never in an answer. */
  readonly secrets: ReadonlyMap<string, string>;
}
