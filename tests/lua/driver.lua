-- Calls the plugin's pure modules over HTTP: one JSON object in, one out, bytes as base64.
local blanks = require "kong.plugins.aws-masker.blanks"
local cjson = require "cjson.safe"
local catalogue = require "kong.plugins.aws-masker.catalogue"
local clock = require "kong.plugins.aws-masker.clock"
local json_strings = require "kong.plugins.aws-masker.json_strings"
local mapping_of = require "kong.plugins.aws-masker.mapping"
local masker = require "kong.plugins.aws-masker.masker"
local response_body = require "kong.plugins.aws-masker.response_body"
local restorer = require "kong.plugins.aws-masker.restorer"


local decode, encode = ngx.decode_base64, ngx.encode_base64


local function switched_off(names)
  local conf = {}
  for _, rule in ipairs(catalogue.rules) do
    if rule.switch then
      conf[rule.switch] = true
    end
  end
  for _, name in ipairs(names or {}) do
    conf[name] = false
  end
  return conf
end


local operations = {}


function operations.find_strings(call)
  local text = decode(call.body)
  local spans, err = json_strings.find(text)
  if not spans then
    return { error = err }
  end

  local found = {}
  for n = 0, spans.n - 1 do
    local entry = spans.entries[n]
    found[n + 1] = { entry.first, entry.last, entry.flags }
  end
  return { spans = found }
end


function operations.mask(call)
  local mapping = mapping_of.new()
  local rules = catalogue.enabled(switched_off(call.off))
  local started_ms, started_s = clock.now_ms(), os.clock()
  local masked, err = masker["mask_" .. call.form](decode(call.body), rules, mapping)
  local elapsed_ms = clock.now_ms() - started_ms
  local cpu_ms = (os.clock() - started_s) * 1000
  local originals = {}
  for kind, list in pairs(mapping.originals) do
    originals[kind] = {}
    for n, original in ipairs(list) do
      originals[kind][n] = encode(original)
    end
  end
  return {
    body = masked and encode(masked),
    error = err,
    originals = originals,
    counts = mapping.counts,
    total = mapping.total,
    elapsed_ms = elapsed_ms,
    cpu_ms = cpu_ms,
  }
end


local function mapping_from(originals)
  local mapping = mapping_of.new()
  for kind, list in pairs(originals) do
    mapping.originals[kind] = {}
    for n, original in ipairs(list) do
      mapping.originals[kind][n] = decode(original)
    end
  end
  return mapping
end


function operations.restore(call)
  local figures = restorer.new_figures()
  local mapping = mapping_from(call.originals)
  local state = response_body.new(mapping, call.media_type, call.size_max or math.huge, figures)
  local pieces = {}
  for n, chunk in ipairs(call.chunks) do
    pieces[n] = decode(chunk)
  end
  local started_ms, started_s = clock.now_ms(), os.clock()
  for n, chunk in ipairs(pieces) do
    pieces[n] = response_body.feed(state, chunk, n == #call.chunks)
  end
  local elapsed_ms = clock.now_ms() - started_ms
  local cpu_ms = (os.clock() - started_s) * 1000
  for n, piece in ipairs(pieces) do
    pieces[n] = encode(piece)
  end

  return {
    pieces = pieces,
    restored = figures.restored,
    residual = figures.residual,
    counts = figures.counts,
    truncated = state.truncated,
    bytes = state.bytes,
    elapsed_ms = elapsed_ms,
    cpu_ms = cpu_ms,
  }
end


-- What comes of a body for each place at which it is cut in two; equal results once.
function operations.restore_at_every_cut(call)
  local mapping = mapping_from(call.originals)
  local body = decode(call.body)
  local found, is_known = {}, {}
  for cut = 0, #body do
    local figures = restorer.new_figures()
    local state = response_body.new(mapping, call.media_type, call.size_max or math.huge, figures)
    local restored = response_body.feed(state, body:sub(1, cut), false)
                     .. response_body.feed(state, body:sub(cut + 1), false)
                     .. response_body.feed(state, "", true)
    local key = figures.restored .. " " .. figures.residual .. " " .. restored
    if not is_known[key] then
      is_known[key] = true
      found[#found + 1] = {
        body = encode(restored), restored = figures.restored, residual = figures.residual, cut = cut,
      }
    end
  end
  return { results = found }
end


function operations.blank_sizes(call)
  local found = {}
  for n, size in ipairs(call.sizes) do
    found[n] = #table.concat(blanks.of(size))
  end
  return { sizes = found }
end


function operations.rules()
  local rules = {}
  for n, rule in ipairs(catalogue.rules) do
    rules[n] = { switch = rule.switch, pattern = encode(rule.pattern), kind = rule.kind }
  end
  return { rules = rules, names = catalogue.names }
end


-- Many calls at once
function operations.batch(call)
  local results = {}
  for n, one in ipairs(call.calls) do
    results[n] = operations[one.operation](one)
  end
  return { results = results }
end


ngx.req.read_body()
local body = ngx.req.get_body_data()
if not body then
  local file = assert(io.open(ngx.req.get_body_file(), "rb"))
  body = file:read("*a")
  file:close()
end

local call = assert(cjson.decode(body))
ngx.header["Content-Type"] = "application/json"
ngx.print(assert(cjson.encode(operations[call.operation](call))))
