// Drives a node with grpc-js. Usage: client.js PROTO GRPC_PORT; one line for each check, exit code 1 if one failed.
'use strict';
const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [, , proto, port] = process.argv;
const APP = 'digits', MODEL = 'random-forest@model';
const { inference } = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true, longs: Number }));
const client = new inference.GRPCInferenceService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
const packed = new inference.GRPCInferenceService(`127.0.0.1:${port}`, grpc.credentials.createInsecure(),
  { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });
let failed = 0;

const call = (rpc, request, of = client, deadline = 20000) => new Promise((answered, refused) =>
  of[rpc](request, { deadline: Date.now() + deadline }, (error, response) => (error ? refused(error) : answered(response))));

async function check(name, run) {
  try {
    await run();
    console.log('ok    ', name);
  } catch (error) {
    failed++;
    console.log('FAILED', name, String(error).slice(0, 300));
  }
}

const pixels = rows => Array.from({ length: rows * 64 }, (_, i) => (i >= 69 && i < 94 ? 9 : 0));
const raw = rows => Buffer.from(Float32Array.from(pixels(rows)).buffer);
const request = (model, rows, more = {}) => ({
  model_name: model,
  inputs: [{ name: 'input', datatype: 'FP32', shape: [rows, 64] }],
  raw_input_contents: [raw(rows)],
  ...more,
});
const typed = (model, rows) => ({
  model_name: model,
  inputs: [{ name: 'input', datatype: 'FP32', shape: [rows, 64], contents: { fp32_contents: pixels(rows) } }],
});
const labels = response => {
  const data = response.raw_output_contents && response.raw_output_contents[0];
  return data ? Array.from({ length: data.length / 8 }, (_, i) => Number(data.readBigInt64LE(8 * i))) : response.outputs[0].contents.int64_contents;
};
const refusal = async (run, code, text) => {
  try {
    await run();
  } catch (error) {
    assert.strictEqual(error.code, code, error.message);
    assert.ok(error.details.includes(text), error.details);
    return;
  }
  assert.fail('it is answered');
};

async function streamed() {
  const stream = client.modelStreamInfer();
  const answers = new Promise((done, broken) => {
    const found = [];
    stream.on('data', one => found.push(one));
    stream.on('error', broken);
    stream.on('end', () => done(found));
  });
  for (let i = 0; i < 5; i++) stream.write(request(MODEL, 3, { id: String(i) }));
  stream.write(request('nope', 3, { id: 'wrong' }));
  stream.end();
  return answers;
}

async function main() {
  await check('live, ready', async () => {
    assert.strictEqual((await call('serverLive', {})).live, true);
    assert.strictEqual((await call('serverReady', {})).ready, true);
    assert.strictEqual((await call('modelReady', { name: MODEL })).ready, true);
  });
  await check('server metadata', async () => assert.strictEqual((await call('serverMetadata', {})).name, 'clipper'));
  await check('model metadata', async () => assert.deepStrictEqual((await call('modelMetadata', { name: MODEL })).inputs[0].shape, [-1, 64]));
  let want;
  await check('infer, raw', async () => { want = labels(await call('modelInfer', request(MODEL, 3))); assert.strictEqual(want.length, 3); });
  await check('infer, typed', async () => assert.deepStrictEqual(labels(await call('modelInfer', typed(MODEL, 3))), want));
  await check('infer, gzip', async () => assert.deepStrictEqual(labels(await call('modelInfer', request(MODEL, 3), packed)), want));
  await check('infer, 300 rows', async () => assert.strictEqual(labels(await call('modelInfer', request(MODEL, 300))).length, 300));
  await check('infer, 20 at a time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => call('modelInfer', request(MODEL, 3))));
    all.forEach(one => assert.deepStrictEqual(labels(one), want));
  });
  await check('an application and what it says', async () => {
    const response = await call('modelInfer', request(APP, 2, { outputs: [{ name: 'output' }, { name: 'query_id' }, { name: 'default' }] }));
    assert.deepStrictEqual(response.outputs.map(output => output.name), ['output', 'query_id', 'default']);
    assert.ok((await call('modelInfer', request(APP, 1))).parameters.query_id.int64_param > 0);
  });
  await check('a stream, with a fault in it', async () => {
    const found = await streamed();
    assert.strictEqual(found.length, 6);
    assert.strictEqual(found.filter(one => one.error_message).length, 1);
    found.filter(one => !one.error_message).forEach(one => assert.deepStrictEqual(labels(one.infer_response), want));
  });
  await check('unknown model', () => refusal(() => call('modelInfer', request('nope', 1)), grpc.status.NOT_FOUND, 'unknown model'));
  await check('wrong shape', () => refusal(() => call('modelInfer', { ...request(MODEL, 3), raw_input_contents: [raw(2)] }), grpc.status.INVALID_ARGUMENT, 'bytes of data'));
  await check('a frame beyond the limit', () => refusal(
    () => call('modelInfer', { ...request(MODEL, 1), raw_input_contents: [Buffer.alloc(17 << 20)] }), grpc.status.RESOURCE_EXHAUSTED, ''));
  await check('after it all', async () => assert.deepStrictEqual(labels(await call('modelInfer', request(MODEL, 3))), want));
  client.close();
  packed.close();
  console.log(failed ? `${failed} failed` : 'all passed');
  process.exitCode = failed ? 1 : 0;
}

main();
