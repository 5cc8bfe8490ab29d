// One table of events, as the naive loop has it.
import { onchainTable } from "ponder";

export const event = onchainTable("event", (t) => ({
  id: t.text().primaryKey(),
  block: t.bigint().notNull(),
  contract: t.text().notNull(),
  name: t.text().notNull(),
  args: t.text().notNull(),
}));
