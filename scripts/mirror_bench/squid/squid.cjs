// Reads a history with Subsquid's processor: decodes every event and, if DB_HOST is set, stores a row for each with
// its own store; else nothing. On stdin: {url, first, last, contracts: [{address, events: [ABI items]}]}; seconds and
// events on stdout.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const peer = createRequire(`${process.cwd()}/`);
const { EvmBatchProcessor } = peer("@subsquid/evm-processor");
const { event, indexed } = peer("@subsquid/evm-abi");
const codecs = peer("@subsquid/evm-codec");

const given = JSON.parse(readFileSync(0, "utf8"));
let started;
let decoded = 0;

function codec(item) {
  if (item.type.endsWith("[]")) return codecs.array(codec({ ...item, type: item.type.slice(0, -2) }));
  if (item.type === "tuple") return codecs.struct(fields(item.components));
  return codecs[item.type];
}

function fields(items) {
  return Object.fromEntries(items.map((item) => [item.name, item.indexed ? indexed(codec(item)) : codec(item)]));
}

const known = new Map();
const processor = new EvmBatchProcessor()
  .setRpcEndpoint({ url: given.url })
  .setFinalityConfirmation(0)
  .setBlockRange({ from: given.first, to: given.last })
  .setFields({ log: { topics: true, data: true, transactionHash: true } });
for (const { address, events } of given.contracts) {
  processor.addLog({ address: [address.toLowerCase()] });
  for (const { topic, item } of events) {
    known.set(address.toLowerCase() + topic, { name: item.name, event: event(topic, item.name, fields(item.inputs)) });
  }
}

const nowhere = {
  supportsHotBlocks: false,
  async connect() {
    return { height: given.first - 1, hash: "0x" };
  },
  async transact(_, work) {
    await work({});
  },
};

async function store() {
  const { Client } = peer("pg");
  const client = new Client({ host: process.env.DB_HOST, user: process.env.DB_USER, database: process.env.DB_NAME });
  await client.connect();
  await client.query("CREATE TABLE event (id text PRIMARY KEY, block int, contract text, name text, args text)");
  await client.end();
  const { TypeormDatabase } = peer("@subsquid/typeorm-store");
  return new TypeormDatabase({ supportHotBlocks: false });
}

process.on("exit", () => {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(JSON.stringify({ seconds, events: decoded }));
});

const plain = (_, value) => (typeof value === "bigint" ? value.toString() : value);

async function main() {
  const stores = process.env.DB_HOST !== undefined;
  const { Event } = stores ? peer("./lib/model") : {};
  const database = stores ? await store() : nowhere;
  started = process.hrtime.bigint();
  processor.run(database, async ({ blocks, store }) => {
    const rows = [];
    for (const block of blocks) {
      for (const log of block.logs) {
        const { name, event } = known.get(log.address + log.topics[0]);
        const args = event.decode(log);
        decoded += 1;
        if (stores) {
          const row = { id: log.id, block: block.header.height, contract: log.address, name };
          rows.push(new Event({ ...row, args: JSON.stringify(args, plain) }));
        }
      }
    }
    if (stores) await store.insert(rows);
  });
}

main();
