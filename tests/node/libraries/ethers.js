// Reads one question as JSON from standard input and answers it by ethers.
"use strict";

const { HDNodeWallet, Mnemonic, TypedDataEncoder, Wallet, wordlists } = require("ethers");

// Typed data names EIP712Domain among its types; ethers makes that one by itself.
function parts({ types: { EIP712Domain, ...types }, domain, message }) {
  return [domain, types, message];
}

async function sign({ key, messages }) {
  const wallet = new Wallet(key);
  return Promise.all(
    messages.map(async (whole) => ({
      digest: TypedDataEncoder.hash(...parts(whole)),
      signature: await wallet.signTypedData(...parts(whole)),
    })),
  );
}

async function accounts({ phrases }) {
  return phrases.map(
    ([language, text]) => HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(text, "", wordlists[language])).address,
  );
}

async function open({ keystore, password }) {
  return (await Wallet.fromEncryptedJson(keystore, password)).address;
}

async function encode({ messages }) {
  return messages.map((whole) => TypedDataEncoder.from(parts(whole)[1]).encodeType(whole.primaryType));
}

const question = JSON.parse(require("fs").readFileSync(0, "utf8"));
({ sign, accounts, open, encode })[question.ask](question).then((answer) => console.log(JSON.stringify(answer)));
