-- The ledger's counters: every name that is read even before it first counts, and what it means.
--
-- A name "family.label" belongs to the family's metric with `label` as value of the label given here.

return {
  { "requests", "Requests that reached the plugin." },
  { "masked_requests", "Requests in which something was masked." },
  { "identifiers_masked", "Spans replaced by placeholders in requests." },
  { "placeholders_seen", "Placeholders of the request found in its response." },
  { "placeholders_restored", "Placeholders restored in responses." },
  { "placeholders_residual", "Placeholders that reached a client unrestored." },
  { "refused", "Requests refused, nothing forwarded.", "reason",
    { "too_large", "encoding", "not_json", "scan" } },
  { "responses_skipped", "Responses passed on without being restored.", "reason", { "too_large", "encoding" } },
  { "events.sampled", "Events handed over for sending." },
  { "events.published", "Events in messages that Redis took." },
  { "events.dropped", "Events that were given up.", "cause",
    { "queue_full", "unconfirmed", "refused", "encode", "worker_lost" } },
  { "messages.published", "Messages that Redis took." },
  { "messages.without_subscriber", "Messages that Redis took and nobody received." },
  { "messages.refused", "Messages that Redis answered with an error, each attempt.", "cause", {} },
  { "connections.opened", "New connections to Redis that served." },
  { "connections.failed", "Connections to Redis that could not be opened, or broke.", "cause", {} },
  { "timers.failed", "Timers that nginx refused to arm." },
  { "timers.lost", "Timers that nginx armed and did not run." },
}
