-- Shape of events and messages on the wire; docs/event.schema.json is the authority.
--
-- What a request leaves behind is a small record. It is turned into JSON later, in the timer that sends it.

-- an instance of its own: other plugins change the settings of the shared one
local json = require("cjson.safe").new()
local clock = require "kong.plugins.aws-masker.clock"


local now = ngx.now
local md5 = ngx.md5
local sub = string.sub
local concat = table.concat
local null = ngx.null


local BOOT_DIGITS = 16


local _M = {}


local queues_started = 0
local worker_boot


-- Random name of this worker's life, 16 hexadecimal digits. To be called first in init_worker, where reading
-- a file blocks no request. Raises when the machine has no /dev/urandom.
function _M.worker_boot()
  if not worker_boot then
    local urandom = assert(io.open("/dev/urandom", "rb"))
    local bytes = urandom:read(16)
    urandom:close()
    worker_boot = sub(md5(bytes), 1, BOOT_DIGITS)
  end

  return worker_boot
end


-- Name of one queue's life: as random as the worker's, and different for each queue of it.
function _M.queue_boot()
  queues_started = queues_started + 1

  return sub(md5(_M.worker_boot() .. ":" .. queues_started), 1, BOOT_DIGITS)
end


-- fields: see `emit` in events.lua. Returns the record to queue; the queue adds `seq`.
function _M.new(event_type, fields)
  return { timestamp = now(), queued_at_ms = clock.now_ms(), type = event_type, fields = fields }
end


-- source: { node, worker, boot }. Returns the JSON of one event, or nil and an error.
local function encode(record, source)
  local fields = record.fields

  return json.encode({
    event_id = source.boot .. "-" .. record.seq,
    timestamp = record.timestamp,
    event_type = record.type,
    request_id = fields.request_id,
    service = fields.service or null,
    route = fields.route or null,
    details = fields.details,
    source = {
      node = source.node,
      worker = source.worker,
      boot = source.boot,
      seq = record.seq,
    },
  })
end


local function wrap(encoded)
  return '{"timestamp":' .. json.encode(now()) .. ',"event_type":"batch","events":[' .. concat(encoded, ",") .. "]}"
end


-- Packs records, in order, into messages of at most `batch_size` events.
-- Returns a list of { payload = string, records = list } and how many records could not be encoded; those are in
-- no message.
function _M.messages(records, batch_size, source)
  local messages = {}
  local failed = 0

  for from = 1, #records, batch_size do
    local encoded, sent = {}, {}

    for i = from, math.min(from + batch_size - 1, #records) do
      local text = encode(records[i], source)
      if text then
        encoded[#encoded + 1] = text
        sent[#sent + 1] = records[i]

      else
        failed = failed + 1
      end
    end

    if sent[1] then
      messages[#messages + 1] = {
        payload = batch_size == 1 and encoded[1] or wrap(encoded),
        records = sent,
      }
    end
  end

  return messages, failed
end


return _M
