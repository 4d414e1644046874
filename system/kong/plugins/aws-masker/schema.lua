local families = require "kong.plugins.aws-masker.catalogue_families"
local typedefs = require "kong.db.schema.typedefs"


-- One switch per family of the catalogue, and the fields behind them
local function with_switches(fields)
  for n, family in ipairs(families.switches) do
    table.insert(fields, n, {
      [family.name] = { type = "boolean", required = true, default = true, description = family.description },
    })
  end
  return fields
end


-- Named and typed as in Kong's own Redis schema
local redis = {
  type = "record",
  required = true,
  description = "The Redis server that events are published to.",
  fields = {
    { host = typedefs.host({
      required = true,
      default = "127.0.0.1",
      description = "Host name or address of the server.",
    }) },
    { port = typedefs.port({
      required = true,
      default = 6379,
      description = "Port of the server.",
    }) },
    { timeout = typedefs.timeout({
      required = true,
      default = 2000,
      description = "Milliseconds that connecting, sending and reading may each take.",
    }) },
    { username = {
      type = "string",
      referenceable = true,
      description = "User of the ACL; unset: the default user.",
    } },
    { password = {
      type = "string",
      referenceable = true,
      encrypted = true,
      len_min = 0,
      description = "Password; unset or empty: no authentication.",
    } },
    { database = {
      type = "integer",
      required = true,
      default = 0,
      description = "Number of the database.",
    } },
    { ssl = {
      type = "boolean",
      required = true,
      default = false,
      description = "Connect with TLS.",
    } },
    { ssl_verify = {
      type = "boolean",
      required = true,
      default = false,
      description = "Verify the server's certificate.",
    } },
    { server_name = typedefs.sni({
      required = false,
      description = "Name for TLS's server name indication.",
    }) },
  },
}


return {
  name = "aws-masker",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
      type = "record",
      fields = with_switches({
        { max_request_size = {
          type = "integer",
          required = true,
          default = 33554432,
          gt = 0,
          description = "Bytes of the largest request body; a larger one is refused with 413.",
        } },
        { max_response_size = {
          type = "integer",
          required = true,
          default = 8388608,
          between = { 0, 2147483647 },
          description = "Bytes of a response in which placeholders are restored; 0: no limit.",
        } },
        { enable_event_monitoring = {
          type = "boolean",
          required = true,
          default = false,
          description = "Publish events.",
        } },
        { event_sampling_rate = {
          type = "number",
          required = true,
          default = 1.0,
          between = { 0, 1 },
          description = "Share of requests that emit events.",
        } },
        { redis_event_channel = {
          type = "string",
          required = true,
          default = "kong:masking:events",
          len_min = 1,
          description = "Pub/Sub channel of the events.",
        } },
        { event_batch_size = {
          type = "integer",
          required = true,
          default = 1,
          between = { 1, 100 },
          description = "Events in one message at most.",
        } },
        { event_flush_interval = {
          type = "number",
          required = true,
          default = 1.0,
          gt = 0,
          description = "Seconds that a partial batch waits at most.",
        } },
        { event_queue_size = {
          type = "integer",
          required = true,
          default = 10000,
          gt = 0,
          description = "Events that wait per worker at most; more are dropped and counted.",
        } },
        { redis = redis },
      }),
    } },
  },
}
