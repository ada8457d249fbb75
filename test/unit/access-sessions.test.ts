import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Person } from "../../src/access/access.ts";
import { openAccess } from "../../src/access/open-access.ts";
import { createSessions } from "../../src/access/sessions.ts";

const ANN: Person = { name: "Ann", role: "operator" };

function setUp(limits: { sessions?: number; signInTokens?: number } = {}) {
  let now = 1_000;
  const known = new Set(["Ann"]);
  const sessions = createSessions({
    clock: { now: () => now },
    sessions: 3,
    sessionMs: 1_000,
    signInTokens: 3,
    signInTokenMs: 100,
    ...limits,
    stillKnown: (person) => known.has(person.name),
  });
  return { sessions, known, pass: (ms: number) => (now += ms) };
}

test("a one-time token signs in once", () => {
  const { sessions } = setUp();
  const token = sessions.issueSignIn(ANN);
  const session = sessions.redeem(token);
  expect(session).toMatchObject({ person: ANN, expiresAt: 2_000 });
  expect(sessions.redeem(token)).toBeNull();
  expect(sessions.session(session?.id ?? "")?.person).toEqual(ANN);
  expect(sessions.session(token)).toBeNull();
});

test("a one-time token that is too old, made up, or of somebody who was removed does not sign in", () => {
  const { sessions, known, pass } = setUp();
  const old = sessions.issueSignIn(ANN);
  pass(100);
  expect(sessions.redeem(old)).toBeNull();
  expect(sessions.redeem("made-up")).toBeNull();
  const fresh = sessions.issueSignIn(ANN);
  known.delete("Ann");
  expect(sessions.redeem(fresh)).toBeNull();
});

test("a session ends when its time is over", () => {
  const { sessions, pass } = setUp();
  const { id } = sessions.begin(ANN);
  pass(999);
  expect(sessions.session(id)).not.toBeNull();
  pass(1);
  expect(sessions.session(id)).toBeNull();
});

test("a session ends when its person is removed", () => {
  const { sessions, known } = setUp();
  const { id } = sessions.begin(ANN);
  known.clear();
  expect(sessions.session(id)).toBeNull();
});

test("signing out ends one session and tells the listeners; the person's other sessions go on", () => {
  const { sessions } = setUp();
  let told = 0;
  const undo = sessions.onSignOut(() => (told += 1));
  const one = sessions.begin(ANN);
  const two = sessions.begin(ANN);
  sessions.signOut(one.id);
  expect(sessions.session(one.id)).toBeNull();
  expect(sessions.session(two.id)).not.toBeNull();
  expect(told).toBe(1);
  sessions.signOut(one.id);
  undo();
  sessions.signOut(two.id);
  expect(told).toBe(1);
});

test("beyond the bound the oldest session ends and the oldest unused token is void", () => {
  const { sessions } = setUp();
  const begun = [1, 2, 3, 4].map(() => sessions.begin(ANN));
  expect(begun.map(({ id }) => sessions.session(id) !== null)).toEqual([false, true, true, true]);
  const tokens = [1, 2, 3, 4].map(() => sessions.issueSignIn(ANN));
  expect(sessions.redeem(tokens[0] ?? "")).toBeNull();
  expect(sessions.redeem(tokens[1] ?? "")).not.toBeNull();
});

test("removing a person from the credentials ends their sessions and tells the listeners", async () => {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-access-"));
  try {
    const access = await openAccess({ dir, enabled: true, liftIds: [], clock: { now: () => 0 } });
    await access.addPerson("Ann", "operator");
    const session = access.redeem(access.issueSignIn(ANN));
    expect(access.session(session?.id ?? "")?.person).toEqual(ANN);
    let told = 0;
    access.onSignOut(() => (told += 1));
    await access.remove("Ann");
    expect(access.session(session?.id ?? "")).toBeNull();
    expect(told).toBe(1);
  } finally {
    await rm(dir, { recursive: true });
  }
});
