-- For wrk: posts the sentences of the file $SENTENCES (a JSON body a line) in turn, and prints figures as JSON.

local bodies = {}
for line in io.lines(os.getenv("SENTENCES")) do
  bodies[#bodies + 1] = line
end

local headers = { ["Content-Type"] = "application/json" }
local sent = 0

function request()
  sent = sent + 1
  return wrk.format("POST", "/correct", headers, bodies[(sent - 1) % #bodies + 1])
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "failed": %d, "per_second": %.1f, "p50_ms": %.2f, "p95_ms": %.2f, "max_ms": %.2f}\n',
    summary.requests, failed, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency.max / 1000
  ))
end
