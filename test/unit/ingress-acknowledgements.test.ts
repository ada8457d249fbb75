import { expect, it } from "vitest";
import { Acknowledgements, PUBACK, PUBREC } from "../../src/ingress/acknowledgements.ts";

it("gives acknowledgements in the order of the publishes, whatever order they became durable in", () => {
  const acknowledgements = new Acknowledgements();
  const first = acknowledgements.owe(PUBACK, 1);
  const second = acknowledgements.owe(PUBREC, 0x1234);
  const third = acknowledgements.owe(PUBACK, 65_535);
  expect(acknowledgements.take()).toBeNull();
  third.due = true;
  second.due = true;
  expect(acknowledgements.take()).toBeNull();
  first.due = true;
  expect(acknowledgements.take()?.toString("hex")).toBe("40020001500212344002ffff");
  expect(acknowledgements.take()).toBeNull();
  acknowledgements.owe(PUBACK, 7).due = true;
  acknowledgements.owe(PUBACK, 8);
  expect(acknowledgements.take()?.toString("hex")).toBe("40020007");
});
