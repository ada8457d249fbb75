/** `rules schema` and `rules default`: the limits as a JSON Schema for editors, and as the YAML file that changes nothing. */
import { defaultRulesYaml, rulesJsonSchema } from "../rules/yaml.ts";

export function printRulesSchema(): void {
  process.stdout.write(`${JSON.stringify(rulesJsonSchema(), null, 2)}\n`);
}

export function printDefaultRules(): void {
  process.stdout.write(defaultRulesYaml());
}
