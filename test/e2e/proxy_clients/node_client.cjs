// CLIENT METHOD URL TENANT [JSON]: makes the call with one of Node's clients, prints what came of it as one line of JSON.
'use strict';

const [client, method, url, tenant, body] = process.argv.slice(2);
const headers = { 'X-Tenant-ID': tenant, ...(body && { 'Content-Type': 'application/json' }) };

const clients = {
  async undici() {
    const { EnvHttpProxyAgent, request } = require('undici');
    const answer = await request(url, { method, headers, body, dispatcher: new EnvHttpProxyAgent() });
    return { status: answer.statusCode, body: await answer.body.text() };
  },

  async axios() {
    const axios = require('axios');
    const answer = await axios.request({ method, url, headers, data: body, responseType: 'text', transformResponse: [] });
    return { status: answer.status, body: answer.data };
  },

  // Knows no proxies.
  async http() {
    const answer = await new Promise((resolve, reject) => {
      require('node:http').request(url, { method, headers }, resolve).on('error', reject).end(body);
    });
    const parts = await answer.toArray();
    return { status: answer.statusCode, body: Buffer.concat(parts).toString() };
  },
};

clients[client]()
  .catch((error) => ({ error: String(error.cause ?? error) }))
  .then((outcome) => {
    console.log(JSON.stringify(outcome));
    process.exit();
  });
