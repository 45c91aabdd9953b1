-- For wrk: posts the sentences of the file $SENTENCES (a JSON body a line) in turn, and prints figures as JSON.
-- Where $REQUESTS is set, it ends after so many requests.

local bodies = {}
for line in io.lines(os.getenv("SENTENCES")) do
  bodies[#bodies + 1] = line
end

local headers = { ["Content-Type"] = "application/json" }
local sent = 0
local answered = 0
local most = tonumber(os.getenv("REQUESTS") or "")

function request()
  sent = sent + 1
  return wrk.format("POST", "/correct", headers, bodies[(sent - 1) % #bodies + 1])
end

if most then
  function response()
    answered = answered + 1
    if answered >= most then wrk.thread:stop() end
  end
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
