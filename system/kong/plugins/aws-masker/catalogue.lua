-- The rules by which identifiers are recognised. They are written down in catalogue.toml (see there for how
-- to change them); catalogue_rules.lua, catalogue_ids.lua and catalogue_families.lua are made of it.
--
-- A rule:
--   switch   name of the configuration field that turns it on (nil: always on)
--   kind     what it finds; or
--   kinds    kind by the prefix before the last hyphen of the match
--   pattern  PCRE, matched with the flags "ajo" over text without JSON escapes; capture 1 is the identifier,
--            what is outside it is context and stays
--   more     PCRE for further identifiers in a list, tried right behind a match
--   heads    how every match begins, see automaton.lua; or, where
--   place    is "host", what a match holds, which begins where the host name does. Where it is "behind",
--            the first place of a head stands before the match.
--
-- What patterns keep to:
--   * No repeated groups: they crash the worker on a PCRE without JIT.
--   * Every repetition that something follows is bounded, so that backtracking
--     stays far below lua_regex_match_limit (100000).
--   * The bytes 0xFE (between a JSON key and its string) and 0xFF (between all
--     other JSON strings) may be part of a context, never of an identifier.
--   * An identifier is not part of a longer word. `-`, `_`, `.` and `/` join words
--     (file names, paths, host names) and do not hide an identifier, since a needless
--     placeholder is restored and a leak is not.
local families = require "kong.plugins.aws-masker.catalogue_families"
local ids = require "kong.plugins.aws-masker.catalogue_ids"
local of_text = require "kong.plugins.aws-masker.catalogue_rules"


local concat = table.concat
local sort = table.sort


local rules = {}
local names = {}       -- kind → name
local kinds = {}
local numbers = {}     -- kind → its index in `kinds`
local kinds_by_name = {}


local function add_kind(kind)
  if not names[kind] then
    names[kind] = families.short_names[kind] or kind:upper()
    kinds_by_name[names[kind]] = kind
    kinds[#kinds + 1] = kind
    numbers[kind] = #kinds
  end
end


local function add(rule)
  rules[#rules + 1] = rule
  rule.index = #rules
  for _, kind in pairs(rule.kinds or { rule.kind }) do
    add_kind(kind)
  end
end


-- A placeholder as client's text: masked, so that it is never taken for an
-- issued one. No boundary, since restoring asks for none.
local function literal_rule()
  add_kind("literal")
  local alternatives = {}
  for name in pairs(kinds_by_name) do
    alternatives[#alternatives + 1] = name
  end
  sort(alternatives) -- pairs() has no order; the pattern is a cache key
  return {
    kind = "literal",
    pattern = "(AWS_(?:" .. concat(alternatives, "|") .. ")_[0-9]{3,}+)",
    heads = { "AWS_" },
  }
end


for _, rule in ipairs(ids) do
  add(rule)
end
for _, rule in ipairs(of_text) do
  add(rule)
end
add(literal_rule())


local _M = {
  rules = rules,
  names = names,
  kinds = kinds,
  kinds_by_name = kinds_by_name,
  numbers = numbers,
}


-- The rules that a configuration turns on.
-- @tparam table conf the plugin's configuration
-- @treturn table index → rule, with gaps
function _M.enabled(conf)
  local enabled = {}
  for index, rule in ipairs(rules) do
    if not rule.switch or conf[rule.switch] then
      enabled[index] = rule
    end
  end
  return enabled
end


return _M
