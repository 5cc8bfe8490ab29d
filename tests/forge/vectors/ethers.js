// Prints contents, digests and signatures of cases.json as JSON, encoded by ethers.
"use strict";

const { AbiCoder, SigningKey, TypedDataEncoder, computeAddress, encodeBytes32String, id, toBeHex, keccak256 } = require("ethers");
const input = require("./cases.json");

const key = (short) => toBeHex(short, 32);

function value(given) {
  if (given.keccak256 !== undefined) return id(given.keccak256);
  if (given.text !== undefined) return encodeBytes32String(given.text);
  if (given.account !== undefined) return computeAddress(key(given.account));
  return given;
}

const contents = {};
for (const [name, { contract, types, values }] of Object.entries(input.contents)) {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "address", ...types.map((type) => (type.startsWith("(") ? "tuple" + type : type))],
    [input.chainId, input.contracts[contract], ...values.map(value)],
  );
  contents[name] = keccak256(encoded);
}

const cases = {};
for (const { name, type, contract, content, signers, values } of input.cases) {
  const domain = {
    name: input.name, version: "1", chainId: input.chainId, verifyingContract: input.contracts[contract],
  };
  const types = { [type]: input.types[type].map(([field, kind]) => ({ name: field, type: kind })) };
  const message = Object.fromEntries(Object.entries(values).map(([field, given]) => [field, value(given)]));
  if (content) message.content = contents[content];
  const digest = TypedDataEncoder.hash(domain, types, message);
  cases[name] = { digest, signatures: signers.map((signer) => new SigningKey(key(signer)).sign(digest).serialized) };
}

console.log(JSON.stringify({ contents, cases }));
