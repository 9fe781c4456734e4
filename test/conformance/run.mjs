// node run.mjs SUITE USHER DIRECTORY: the public HTTP-cache tests of the npm package in SUITE against
// the program USHER. Everything listens on 127.0.0.1 at free ports. Leaves in DIRECTORY the configuration,
// Usher's log and report.json; exits 1 when a required test fails that expected.txt does not name, or when
// expected.txt names one that does not fail.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [suite, usher, directory] = process.argv.slice(2).map(argument => path.resolve(argument))
const here = path.dirname(fileURLToPath(import.meta.url))
const load = async file => await import(path.join(suite, file))
// How the suite writes an outcome (lib/display.mjs), and how it is written here.
const outcomes = {
  '✅': 'pass', Y: 'pass', '⛔️': 'fail', '⚠️': 'fail', N: 'fail', '⚪️': 'dependency', '🔹': 'setup',
  '↻': 'setup', '⁉️': 'setup', '-': 'untested'
}

// What the suite's own server does, but on one address alone.
async function startOwner () {
  const pages = {}
  for (const name of ['config', 'test', 'state']) {
    pages[name] = (await load(`server/handle-${name}.mjs`)).default
  }
  const server = http.createServer((request, response) => {
    const [, page, ...rest] = new URL(request.url, 'http://127.0.0.1').pathname.split('/')
    if (page in pages) return pages[page](rest, request, response)
    response.writeHead(404).end()
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

function writeConfig (ownerPort) {
  const endpoints = ['/test/{id}', '/test/{id}/{file}'].flatMap(target => [
    { match: `GET ${target}`, cache: { scope: 'public', tags: ['test:{id}'] } },
    ...['POST', 'PUT', 'DELETE', 'PATCH'].map(method => (
      { match: `${method} ${target}`, invalidates: ['test:{id}'] })),
    { match: `OPTIONS ${target}` }
  ])
  endpoints.push({ match: 'PUT /config/{id}' }, { match: 'GET /state/{id}' })
  endpoints.forEach((endpoint, i) => { endpoint.name = `endpoint-${i}` })
  fs.mkdirSync(path.join(directory, 'config/services'), { recursive: true })
  const write = (file, value) =>
    fs.writeFileSync(path.join(directory, 'config', file), JSON.stringify(value, null, 2))
  write('usher.json', {
    consumer: 'conformance',
    outbound: { listen: '127.0.0.1:0', annotate: false },
    admin: { listen: '127.0.0.1:0' },
    log: { access: 'off' }
  })
  write('services/suite.json', {
    service: 'suite',
    addresses: [`http://127.0.0.1:${ownerPort}`],
    auth: { scheme: 'none' },
    tenant: 'none',
    retry: 'none',
    breaker: false,
    outlier: false,
    idempotency_key: 'pass',
    endpoints
  })
}

// The sidecar and its base address, once it is ready.
function startUsher () {
  const log = fs.openSync(path.join(directory, 'usher.log'), 'w')
  const child = spawn(usher, ['run', '--config', path.join(directory, 'config')],
    { stdio: ['ignore', 'pipe', log] })
  return new Promise((resolve, reject) => {
    let said = ''
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`usher ended; see ${directory}/usher.log`)))
    child.stdout.on('data', bytes => {
      said += bytes
      const line = /^listening outbound (?:http:\/\/)?(\S+)$/m.exec(said)
      if (line) resolve({ child, base: `http://${line[1]}` })
    })
  })
}

// Of each test: its kind, its outcome and what was wrong.
async function judge (suites, results) {
  const { determineTestResult } = await load('lib/display.mjs')
  const report = {}
  for (const test of suites.flatMap(one => one.tests)) {
    if (test.browser_only) continue
    const result = results[test.id]
    report[test.id] = {
      kind: test.kind ?? 'required',
      outcome: outcomes[determineTestResult(suites, test.id, results)[2]],
      detail: Array.isArray(result) ? result.join(': ') : ''
    }
  }
  return report
}

// "id  reason", a line each.
function readExpected () {
  const lines = fs.readFileSync(path.join(here, 'expected.txt'), 'utf8').split('\n')
  return new Map(lines.filter(line => line && !line.startsWith('#'))
    .map(line => [line.split(/\s+/)[0], line.replace(/^\S+\s+/, '')]))
}

function countKinds (report) {
  const counts = {}
  for (const { kind, outcome } of Object.values(report)) {
    counts[kind] ??= { pass: 0, fail: 0, dependency: 0, setup: 0, untested: 0 }
    ++counts[kind][outcome]
  }
  return counts
}

// Prints it; false: something failed that should not.
function tell (report) {
  for (const [kind, count] of Object.entries(countKinds(report))) {
    const total = Object.values(count).reduce((sum, one) => sum + one)
    console.log(`${kind.padEnd(8)} ${count.pass} of ${total} pass, ${count.fail} fail; of the rest ` +
      `${count.dependency} depend on another, ${count.setup} did not come to their point`)
  }
  const expected = readExpected()
  const failed = Object.entries(report).filter(([, test]) =>
    test.kind === 'required' && test.outcome === 'fail')
  for (const [id, test] of failed) console.log(`fails: ${id}: ${expected.get(id) ?? test.detail}`)
  const surprises = failed.filter(([id]) => !expected.has(id)).map(([id]) => `${id} fails`)
  for (const id of expected.keys()) {
    if (!failed.some(([other]) => other === id)) surprises.push(`${id} does not fail, but is in expected.txt`)
  }
  for (const surprise of surprises) console.log(`unexpected: ${surprise}`)
  return surprises.length === 0
}

const fetch = createRequire(path.join(suite, 'package.json'))('node-fetch')
const { runTests, getResults } = await load('client/runner.mjs')
const suites = [...(await load('tests/index.mjs')).default, (await load('tests/surrogate-control.mjs')).default]
fs.mkdirSync(directory, { recursive: true })
const owner = await startOwner()
writeConfig(owner.address().port)
const { child, base } = await startUsher()
try {
  await runTests(suites, fetch, false, base)
} finally {
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
}
const report = await judge(suites, getResults())
fs.writeFileSync(path.join(directory, 'report.json'), JSON.stringify({ counts: countKinds(report), tests: report }, null, 1))
process.exit(tell(report) ? 0 : 1)
