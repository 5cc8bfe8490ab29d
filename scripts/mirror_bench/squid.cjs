// Reads a history with Subsquid's processor and decodes every event; stores nothing, which favours it.
// On stdin: {url, first, last, contracts: [{address, events: [ABI items]}]}; seconds and events on stdout.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const peer = createRequire(`${process.cwd()}/`);
const { EvmBatchProcessor } = peer("@subsquid/evm-processor");
const { event, indexed } = peer("@subsquid/evm-abi");
const codecs = peer("@subsquid/evm-codec");

const given = JSON.parse(readFileSync(0, "utf8"));
const started = process.hrtime.bigint();
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
  for (const { topic, item } of events) known.set(address.toLowerCase() + topic, event(topic, item.name, fields(item.inputs)));
}

const database = {
  supportsHotBlocks: false,
  async connect() {
    return { height: given.first - 1, hash: "0x" };
  },
  async transact(_, work) {
    await work({});
  },
};

process.on("exit", () => {
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(JSON.stringify({ seconds, events: decoded }));
});

processor.run(database, async ({ blocks }) => {
  for (const block of blocks) {
    for (const log of block.logs) {
      known.get(log.address + log.topics[0]).decode(log);
      decoded += 1;
    }
  }
});
