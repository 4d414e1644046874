-- Decides what becomes of the messages of a slice, in the books of the queue and of the ledger:
--
--   answered by a number   published;
--   answered by an error   not executed: it waits, first in line; but it is dropped ("refused") when a later message
--                          of the slice was executed, or may have been, as order goes first;
--   not answered           it may have been executed: dropped ("unconfirmed"), since none is to arrive twice.

local ledger = require "kong.plugins.aws-masker.ledger"


local _M = {}


-- `n` events in flight came to rest as `outcome`, see `settled` in ledger.lua.
function _M.settle(queue, outcome, n)
  queue:settle(n)
  ledger.settled(outcome, n)
end


-- Messages from here on were refused, and nothing after them was or may have been executed.
local function first_to_repeat(messages)
  for i = #messages, 1, -1 do
    if not messages[i].refusal then
      return i + 1
    end
  end

  return 1
end


-- Brings every message of a slice to its end; returns the cause when one was refused.
function _M.conclude(queue, messages)
  local repeated = first_to_repeat(messages)
  local waiting_again = {}
  local sent, unheard = 0, 0
  local events = { published = 0, ["dropped.refused"] = 0, ["dropped.unconfirmed"] = 0 }
  local refusal

  for i = 1, #messages do
    local message = messages[i]
    local records = message.records

    if message.refusal then
      refusal = message.refusal
      ledger.add("messages.refused." .. refusal)
    end

    if i >= repeated then
      for j = 1, #records do
        waiting_again[#waiting_again + 1] = records[j]
      end

    else
      local outcome = message.receivers and "published"
                      or message.refusal and "dropped.refused"
                      or "dropped.unconfirmed"
      events[outcome] = events[outcome] + #records
      sent = sent + (message.receivers and 1 or 0)
      unheard = unheard + (message.receivers == 0 and 1 or 0)
    end
  end

  ledger.add("messages.published", sent)
  ledger.add("messages.without_subscriber", unheard)
  for outcome, n in pairs(events) do
    _M.settle(queue, outcome, n)
  end
  queue:put_back(waiting_again)

  return refusal
end


return _M
