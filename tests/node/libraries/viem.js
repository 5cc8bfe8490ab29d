// Reads one question as JSON from standard input and answers it by viem.
"use strict";

const { hashTypedData } = require("viem");
const { privateKeyToAccount } = require("viem/accounts");

async function sign({ key, messages }) {
  const account = privateKeyToAccount(key);
  return Promise.all(
    messages.map(async (whole) => ({ digest: hashTypedData(whole), signature: await account.signTypedData(whole) })),
  );
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
({ sign })[question.ask](question).then((answer) => console.log(JSON.stringify(answer)));
