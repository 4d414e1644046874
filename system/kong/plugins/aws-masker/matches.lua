-- What the rules match in a text, in order of where it begins, then of length, then of the catalogue: a growing
-- array (see growing.lua).
--
-- Entry: `from` and `to`, offsets from 1, inclusive; `rule`, its index in the catalogue; `kind`, its number there.
local growing = require "kong.plugins.aws-masker.growing"


local reserve = growing.reserve


local MATCHES = growing.of("struct { int32_t from, to, rule, kind; }")


local _M = {}


function _M.new()
  return growing.new(MATCHES)
end


-- Whether an entry's place is behind that of the match
local function is_behind(entry, from, to, rule)
  if entry.from ~= from then
    return entry.from > from
  end
  if entry.to ~= to then
    return entry.to < to
  end
  return entry.rule > rule
end


-- Notes a match. What comes late begins a few hundred bytes earlier at most, so that this takes few steps.
function _M.note(matches, from, to, rule, kind)
  reserve(matches)
  local entries = matches.entries
  local at = matches.n
  matches.n = at + 1
  while at > 0 and is_behind(entries[at - 1], from, to, rule) do
    entries[at] = entries[at - 1]
    at = at - 1
  end

  local entry = entries[at]
  entry.from = from
  entry.to = to
  entry.rule = rule
  entry.kind = kind
end


-- Leaves those that begin first, and of those that begin together the longest: they do not overlap.
function _M.resolve(matches)
  local entries = matches.entries
  local kept = 0
  local covered = 0   -- the text up to here is taken
  for n = 0, matches.n - 1 do
    local entry = entries[n]
    if entry.from > covered then
      covered = entry.to
      entries[kept] = entry
      kept = kept + 1
    end
  end
  matches.n = kept
end


return _M
