// Decides queries from Node.
//
//   node example.js router.riddle "How do I reset my password?"
//   node example.js router.riddle < queries.netstrings
//
// Prints the bits of each margin and the candidate. Without queries as arguments it reads netstrings, LENGTH:BYTES, one
// after the other, because a query may contain newlines and zeros; it decides them one by one and as one batch.
'use strict';
const fs = require('node:fs');
const { Router } = require('./riddle');

function bits(margin) {
  return new BigUint64Array(Float64Array.of(margin).buffer)[0].toString(16).padStart(16, '0');
}

function netstrings(data) {
  const texts = [];
  for (let at = 0; at < data.length;) {
    const colon = data.indexOf(':', at);
    const length = colon < 0 ? NaN : Number(data.toString('latin1', at, colon));
    if (!Number.isInteger(length) || data[colon + 1 + length] !== 0x2c) throw new Error(`byte ${at}: not a whole netstring`);
    texts.push(data.subarray(colon + 1, colon + 1 + length));
    at = colon + length + 2;
  }
  return texts;
}

function main([file, ...queries]) {
  if (!file) throw new Error('usage: example.js ROUTER.riddle [QUERY ...]');
  const router = Router.open(file);
  const texts = queries.length > 0 ? queries : netstrings(fs.readFileSync(0));
  const batch = router.decideBatch(texts);
  const lines = texts.map((text, i) => {
    const { candidate, margin } = router.decide(text);
    if (!Object.is(margin, batch.margins[i])) throw new Error(`query ${i + 1}: the batch has another margin`);
    return `${bits(margin)} ${candidate}\n`;
  });
  process.stdout.write(lines.join(''));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
