// A row for each event.
import { readFileSync } from "node:fs";
import { ponder } from "ponder:registry";
import { event as table } from "ponder:schema";

const given = JSON.parse(readFileSync("given.json", "utf8"));
const plain = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);

for (const { name, abi } of given.contracts) {
  for (const item of abi) {
    ponder.on(`${name}:${item.name}`, async ({ event, context }) => {
      await context.db.insert(table).values({
        id: event.id,
        block: event.block.number,
        contract: name,
        name: item.name,
        args: JSON.stringify(event.args, plain),
      });
    });
  }
}
