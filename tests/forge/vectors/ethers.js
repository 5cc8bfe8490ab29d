// Prints contents, digests and signatures of cases.json as JSON, encoded by ethers.
"use strict";

const { AbiCoder, SigningKey, TypedDataEncoder, computeAddress, encodeBytes32String, id, toBeHex, keccak256 } = require("ethers");
const input = require("./cases.json");

const key = (short) => toBeHex(short, 32);
const tuple = (type) => (type.startsWith("(") ? "tuple" + type : type);
const encode = (types, values) => AbiCoder.defaultAbiCoder().encode(types.map(tuple), values);

function value(given) {
  if (given.keccak256 !== undefined) return id(given.keccak256);
  if (given.text !== undefined) return encodeBytes32String(given.text);
  if (given.account !== undefined) return computeAddress(key(given.account));
  if (given.hashOf !== undefined) return keccak256(encode([given.hashOf], [given.value]));
  return given;
}

const contents = {};
for (const [name, { contract, types, values }] of Object.entries(input.contents)) {
  const fixed = [input.chainId, input.contracts[contract]];
  contents[name] = keccak256(encode(["uint256", "address", ...types], [...fixed, ...values.map(value)]));
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
