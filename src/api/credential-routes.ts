/** Who may sign in. A change holds at once in the running program, and ends the connections of who was removed. */
import { z } from "zod";
import { type OpenAccess, ROLES } from "../access/access.ts";
import { UsageError } from "../errors.ts";
import { Problem } from "./problem.ts";
import { answers, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

const name = z.string().max(64);
const newCredential = z.union(
  [z.strictObject({ name, role: z.enum(ROLES) }), z.strictObject({ name, liftIds: z.array(z.string().max(64)).min(1) })],
  "expected name and role, or name and liftIds",
);
export const peopleAnswer = z.object({ people: z.array(z.object({ name: z.string(), role: z.enum(ROLES) })) });
export const tokenAnswer = z.object({ name: z.string(), token: z.string().describe("shown here only, once") });

export function addCredentialRoutes(app: HttpApp, access: OpenAccess): void {
  app.get(
    "/api/credentials",
    { schema: { summary: "People who may sign in", querystring: schemas.noQuery, response: answers(peopleAnswer) } },
    (_request, reply) => reply.send({ people: access.people().map((person) => ({ name: person.name, role: person.role })) }),
  );

  app.post(
    "/api/credentials",
    {
      schema: {
        summary: "A new person (name, role) or gateway (name, liftIds); answers with the token, once",
        body: newCredential,
        response: answers(tokenAnswer),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const token = await refusing(() =>
        "role" in body ? access.addPerson(body.name, body.role) : access.addGateway(body.name, body.liftIds),
      );
      return reply.send({ name: body.name, token });
    },
  );

  app.delete(
    "/api/credentials/:name",
    { schema: { summary: "Removes a person, gateway or lift's token and ends what is signed in with it", params: z.object({ name }) } },
    async (request, reply) => {
      if (!(await refusing(() => access.remove(request.params.name))))
        throw new Problem(404, "not-found", "there is none of that name", "name");
      return reply.code(204).send();
    },
  );
}

async function refusing<T>(change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (error instanceof UsageError) throw new Problem(400, "invalid", error.message, "name");
    throw error;
  }
}
