// Every event of one history, as Ponder's guide says to read them from anvil.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";

const given = JSON.parse(readFileSync("given.json", "utf8"));

export default createConfig({
  chains: { bench: { id: given.chain, rpc: given.url, disableCache: true } },
  contracts: Object.fromEntries(
    given.contracts.map(({ name, address, abi }) => [
      name,
      { abi, chain: "bench", address, startBlock: given.first, endBlock: given.last },
    ]),
  ),
});
