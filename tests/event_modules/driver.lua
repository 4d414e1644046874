-- Answers a file of calls to the event side's pure modules with a file of results, one per call.
local cjson = require "cjson.safe"
local causes = require "kong.plugins.aws-masker.causes"
local destination = require "kong.plugins.aws-masker.destination"
local event = require "kong.plugins.aws-masker.event"
local metrics = require "kong.plugins.aws-masker.metrics"
local queue = require "kong.plugins.aws-masker.queue"
local sampler = require "kong.plugins.aws-masker.sampler"


local calls_path, answers_path = ...


local operations = {}


function operations.sampled(call)
  local answers = {}
  for i, id in ipairs(call.request_ids) do
    answers[i] = sampler.sampled(id, call.rate)
  end
  return answers
end


function operations.cause(call)
  return causes.of(call.text)
end


function operations.destination(call)
  return destination.of(call.conf)
end


function operations.messages(call)
  local messages, failed = event.messages(call.records, call.batch_size, call.source)
  local payloads = {}
  for i, message in ipairs(messages) do
    payloads[i] = message.payload
  end
  return { payloads = payloads, failed = failed }
end


function operations.metrics(call)
  return metrics.render(call.snapshot)
end


-- Runs steps on one queue; answers with what each step left behind.
function operations.queue(call)
  local subject = queue.new(call.destination, "boot")
  local flying = {}
  local trace = {}

  local steps = {}

  function steps.push(step)
    return { dropped = subject:push({ queued_at_ms = step.at_ms }) }
  end

  function steps.take(step)
    local seqs = {}
    for _, taken in ipairs(subject:take(math.min(step.n, subject.count))) do
      flying[#flying + 1] = taken
      seqs[#seqs + 1] = taken.seq
    end
    -- as text: an empty table would be written as an object
    return { seqs = table.concat(seqs, " ") }
  end

  -- the `n` youngest in flight wait again, the others are done
  function steps.land(step)
    local n = math.min(step.n, #flying)
    local back = {}
    for i = #flying - n + 1, #flying do
      back[#back + 1] = flying[i]
    end
    subject:settle(#flying - n)
    subject:put_back(back)
    flying = {}
    return {}
  end

  function steps.ready(step)
    return { ready = subject:ready(step.at_ms, step.hurry) }
  end

  for i, step in ipairs(call.steps) do
    local seen = steps[step.step](step)
    seen.count = subject.count
    seen.in_flight = subject.in_flight
    seen.idle = subject:idle()
    trace[i] = seen
  end

  return trace
end


local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end


local answers = {}
for i, call in ipairs(assert(cjson.decode(read(calls_path)))) do
  answers[i] = operations[call.operation](call)
end

local file = assert(io.open(answers_path, "wb"))
file:write(assert(cjson.encode(answers)))
file:close()
