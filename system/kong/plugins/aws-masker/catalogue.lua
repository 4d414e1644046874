-- The rules by which identifiers are recognised, as data.
--
-- A rule:
--   switch   name of the configuration field that turns it on (nil: always on)
--   kind     what it finds; or
--   kinds    kind by the prefix before the last hyphen of the match
--   pattern  PCRE, matched with the flags "jo" over text without JSON escapes
--   group    number of the capture that is the identifier (0: the whole match);
--            what is outside it is context and stays
--   more     PCRE for further identifiers in a list, tried right behind a match
--   needle   literal that every match contains: a text without it is not
--            searched, and no match begins more than `lead` bytes before it
--   source   where the format is documented
--
-- What patterns must keep to:
--   * No repeated groups: they crash the worker on a PCRE without JIT.
--   * Every repetition that something follows is bounded, so that backtracking
--     stays far below lua_regex_match_limit (100000).
--   * The bytes 0xFE (between a JSON key and its string) and 0xFF (between all
--     other JSON strings) may be part of a context, never of an identifier.
--   * An identifier is not part of a longer word. `-`, `_`, `.` and `/` join words
--     (file names, paths, host names) and do not hide an identifier, since a needless
--     placeholder is restored and a leak is not.
local prefixes_of = require "kong.plugins.aws-masker.resource_prefixes"


local concat = table.concat
local sort = table.sort


-- No letter or digit before, unless it belongs to an escape: `\n` and `\u003d` of
-- JSON inside a string, `%3D` of a URL, `ESC[31m` of a terminal's output.
local LEFT = [[(?:(?<![0-9A-Za-z])|(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})]]
             .. [[|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))]]
local RIGHT = [[(?![0-9A-Za-z])]]


-- Resource ids: 8 hexadecimal digits (before 2018) or 17. Eight digits are
-- also how a UUID begins.
local HEX_ID = [[-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![0-9A-Za-z]|-[0-9a-f]{4}-)]]


local function resource_ids(prefixes)
  local names = {}
  for prefix in pairs(prefixes) do
    names[#names + 1] = prefix
  end
  sort(names) -- pairs() has no order; the pattern is a cache key
  return LEFT .. "(?:" .. concat(names, "|") .. ")" .. HEX_ID
end


local OCTET = [[(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])]]


-- First two octets of the private ranges, joined by `dot`.
local function private_networks(dot)
  return concat({
    "(?:10" .. dot .. OCTET,
    "172" .. dot .. "(?:1[6-9]|2[0-9]|3[01])",
    "192" .. dot .. "168",
    "100" .. dot .. "(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])",
    "169" .. dot .. "254)",
  }, "|")
end


local REGION = [[[a-z]{2}-[a-z-]{2,20}-[0-9]{1,2}]]
local ARN_HEAD = [[arn:aws[a-z0-9-]{0,16}:[A-Za-z0-9-]{1,63}:[A-Za-z0-9-]{0,32}:]]


-- The last part of an ARN; `/` may be written `\/` where JSON is quoted in JSON.
local function arn_resource(escaped_slashes)
  local part, its_end = [[[A-Za-z0-9_.+=@/:*?$%~#!{}-]{0,2047}]], "(?<=[A-Za-z0-9_*/}=])"
  local pattern = part .. its_end
  for _ = 1, escaped_slashes do
    pattern = part .. [[(?:\\{1,7}/]] .. pattern .. "|" .. its_end .. ")"
  end
  return pattern
end


local BUCKET = [[[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9](?![A-Za-z0-9])]]
local ACCOUNT = [[([0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4})(?![0-9A-Za-z])]]

-- Forty characters of base64. In JSON that is quoted inside a string, `/` may
-- be written `\/`.
local SECRET = [[([A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])|[A-Za-z0-9/+\\]{41,60}(?![A-Za-z0-9/+=\\]))]]

-- Between a name and its value: punctuation, also the end of a JSON string, and
-- the word "is", or the name of the member that holds the value
-- ({"name": "AWS_SECRET_ACCESS_KEY", "value": "…"}).
local ASSIGNED = [[[^A-Za-z0-9+/]{1,24}(?:(?:is|(?:Output|Parameter)?[Vv]alue)[^A-Za-z0-9+/]{1,24})?]]

local UUID = [[[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z-])]]

local EC2_IDS = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html"
local ARNS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
local IAM_IDS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
local ACCOUNTS = "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html"
local BUCKETS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"
local RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_CommonTasks.Connect.html"
local KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html"
local CREDENTIALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html"


local rules = {
  {
    switch = "mask_ec2_instances",
    kinds = prefixes_of.instances,
    pattern = resource_ids(prefixes_of.instances),
    group = 0,
    source = EC2_IDS,
  },
  {
    switch = "mask_vpc_resources",
    kinds = prefixes_of.network,
    pattern = resource_ids(prefixes_of.network),
    group = 0,
    source = EC2_IDS,
  },
  {
    switch = "mask_storage_resources",
    kinds = prefixes_of.storage,
    pattern = resource_ids(prefixes_of.storage),
    group = 0,
    source = EC2_IDS,
  },
  {
    switch = "mask_s3_buckets",
    kind = "s3",
    pattern = "(?<![0-9A-Za-z])s3[an]?://(" .. BUCKET .. ")",
    group = 1,
    needle = "://",
    lead = 3,
    source = BUCKETS,
  },
  {
    switch = "mask_s3_buckets",
    kind = "s3",
    pattern = LEFT .. "arn:aws[a-z0-9-]{0,16}:s3:::(" .. BUCKET .. ")",
    group = 1,
    needle = ":s3:::",
    lead = 24,
    source = ARNS,
  },
  {
    -- Virtual-host style: bucket.s3.region.amazonaws.com and its older,
    -- dual-stack, website and accelerated forms.
    switch = "mask_s3_buckets",
    kind = "s3",
    pattern = LEFT .. [[(?![-._])([A-Za-z0-9._-]{3,255})\.s3[a-z0-9.-]{0,63}\.amazonaws\.com]],
    group = 1,
    needle = ".amazonaws.com",
    lead = 322,
    source = BUCKETS,
  },
  {
    -- Path style: s3.region.amazonaws.com/bucket
    switch = "mask_s3_buckets",
    kind = "s3",
    pattern = [[(?<![0-9A-Za-z.-])s3[a-z0-9.-]{0,63}\.amazonaws\.com(?:\.cn)?(?::[0-9]{1,5})?\\?/]]
              .. "(" .. BUCKET .. ")",
    group = 1,
    needle = ".amazonaws.com",
    lead = 65,
    source = BUCKETS,
  },
  {
    -- The label behind the name stands for account and region: the whole host is masked.
    switch = "mask_rds_instances",
    kind = "rds",
    pattern = LEFT .. [[[A-Za-z][A-Za-z0-9-]{0,62}\.(?:endpoint\.)?(?:cluster-ro-|cluster-custom-|cluster-|proxy-)?]]
              .. [[[a-z0-9]{12}\.]] .. REGION .. [[\.rds\.amazonaws\.com(?:\.cn)?]] .. RIGHT,
    group = 0,
    needle = ".rds.amazonaws.com",
    lead = 140,
    source = RDS,
  },
  {
    -- Not inside dotted numbers of more than four parts, which are versions or OIDs.
    switch = "mask_private_ips",
    kind = "private_ip",
    pattern = LEFT .. [[(?<![0-9]\.)]] .. private_networks([[\.]]) .. [[\.]] .. OCTET .. [[\.]] .. OCTET
              .. [[(?![0-9A-Za-z]|\.[0-9])]],
    group = 0,
    source = "https://www.rfc-editor.org/rfc/rfc6890",
  },
  {
    -- The private host name of an instance: ip-10-0-1-2.ec2.internal
    switch = "mask_private_ips",
    kind = "private_ip",
    pattern = LEFT .. "ip-" .. private_networks("-") .. "-" .. OCTET .. "-" .. OCTET .. RIGHT,
    group = 0,
    needle = "ip-1",
    lead = 0,
    source = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html",
  },
  {
    switch = "mask_arns",
    kind = "arn",
    pattern = LEFT .. ARN_HEAD
              .. "(?:[0-9A-Za-z*-]{0,64}:" .. arn_resource(16) .. "|[0-9]{12})",
    group = 0,
    needle = "arn:aws",
    lead = 0,
    source = ARNS,
  },
  {
    -- As part of a URL
    switch = "mask_arns",
    kind = "arn",
    pattern = LEFT .. "arn%3[Aa]aws[A-Za-z0-9%_.+=@/*~-]{4,2047}[A-Za-z0-9]",
    group = 0,
    needle = "arn%3",
    lead = 0,
    source = ARNS,
  },
  {
    switch = "mask_account_ids",
    kind = "account",
    pattern = "(?i:account|owner)s?(?i:[ _-]?(?:ids?|numbers?|no))?[^A-Za-z0-9]{1,24}"
              .. "(?:(?:is|[Vv]alue)[^A-Za-z0-9]{1,24})?" .. ACCOUNT,
    group = 1,
    more = [[[^A-Za-z0-9]{1,24}(?:(?:and|or)[^A-Za-z0-9]{1,4})?]] .. ACCOUNT,
    source = ACCOUNTS,
  },
  {
    switch = "mask_account_ids",
    kind = "account",
    pattern = [[(?<![0-9A-Za-z])([0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4})(?=[^A-Za-z0-9]{1,4}(?i:(?:aws )?account))]],
    group = 1,
    source = ACCOUNTS,
  },
  {
    -- Hosts and paths that carry the account: ECR, the sign-in page, SQS.
    switch = "mask_account_ids",
    kind = "account",
    pattern = [[(?<![0-9A-Za-z])([0-9]{12})(?=\.(?:dkr\.ecr\.|signin\.aws\.))]],
    group = 1,
    source = ACCOUNTS,
  },
  {
    switch = "mask_account_ids",
    kind = "account",
    pattern = [[sqs\.[a-z0-9-]{2,32}\.amazonaws\.com(?:\.cn)?\\?/([0-9]{12})]] .. RIGHT,
    group = 1,
    needle = ".amazonaws.com",
    lead = 36,
    source = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
             .. "sqs-queue-message-identifiers.html",
  },
  {
    switch = "mask_account_ids",
    kind = "account",
    pattern = LEFT .. ARN_HEAD .. "([0-9]{12})" .. RIGHT,
    group = 1,
    needle = "arn:aws",
    lead = 0,
    source = ARNS,
  },
  {
    -- Base32 behind the prefix; the keys in AWS's documentation end in EXAMPLE
    -- and keep to no alphabet.
    switch = "mask_access_keys",
    kind = "access_key",
    pattern = LEFT .. "(?:AKIA|ASIA|ABIA|ACCA)(?:[A-Z2-7]{16}|[A-Z0-9]{9}EXAMPLE)" .. RIGHT,
    group = 0,
    source = IAM_IDS,
  },
  {
    switch = "mask_access_keys",
    kind = "iam_id",
    pattern = LEFT .. "(?:AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA)(?:[A-Z2-7]{16,17}|[A-Z0-9]{9,10}EXAMPLE)"
              .. RIGHT,
    group = 0,
    source = IAM_IDS,
  },
  {
    switch = "mask_access_keys",
    kind = "secret_key",
    pattern = "(?i:secret[ _-]?(?:access[ _-]?)?key)" .. ASSIGNED .. SECRET,
    group = 1,
    source = CREDENTIALS,
  },
  {
    -- Right behind its key id, as in the console's credentials.csv
    switch = "mask_access_keys",
    kind = "secret_key",
    pattern = "(?:AKIA|ASIA)[A-Z0-9]{16}[^A-Za-z0-9+/]{1,8}" .. SECRET,
    group = 1,
    source = CREDENTIALS,
  },
  {
    switch = "mask_access_keys",
    kind = "session_token",
    pattern = "(?i:(?:session|security)[ _-]?token)" .. ASSIGNED .. "([A-Za-z0-9/+=%]{64,16384}+)",
    group = 1,
    source = CREDENTIALS,
  },
  {
    -- How the tokens of STS begin, whatever stands before them
    switch = "mask_access_keys",
    kind = "session_token",
    pattern = "(?<![0-9A-Za-z+/])(?:FwoGZXIvYXdz|FQoGZXIvYXdz|FQoDYXdz|IQoJb3JpZ2luX2Vj|AQoDYXdz)"
              .. "[A-Za-z0-9/+=%]{32,16384}+",
    group = 0,
    source = CREDENTIALS,
  },
  {
    switch = "mask_kms_keys",
    kind = "kms",
    pattern = LEFT .. "mrk-[0-9a-f]{32}" .. RIGHT,
    group = 0,
    needle = "mrk-",
    lead = 0,
    source = KMS,
  },
  {
    -- A UUID says nothing of itself: only where it is called a KMS key.
    switch = "mask_kms_keys",
    kind = "kms",
    pattern = "(?i:kms[ _-]?(?:master[ _-]?)?key(?:[ _-]?id)?)[^A-Za-z0-9]{1,24}(" .. UUID .. ")",
    group = 1,
    source = KMS,
  },
}


-- Kind → name in the placeholder, where it is not the kind in capitals
local SHORT_NAMES = {
  security_group = "SG",
  security_group_rule = "SG_RULE",
}


local names = {}       -- kind → name
local kinds_by_name = {}


local function add_kind(kind)
  if not names[kind] then
    names[kind] = SHORT_NAMES[kind] or kind:upper()
    kinds_by_name[names[kind]] = kind
  end
end


add_kind("literal")
for _, rule in ipairs(rules) do
  for _, kind in pairs(rule.kinds or { rule.kind }) do
    add_kind(kind)
  end
end


-- A placeholder as client's text: masked, so that it is never taken for an
-- issued one. No boundary, since restoring asks for none.
local function literal_rule()
  local alternatives = {}
  for name in pairs(kinds_by_name) do
    alternatives[#alternatives + 1] = name
  end
  sort(alternatives)
  return {
    kind = "literal",
    pattern = "AWS_(?:" .. concat(alternatives, "|") .. ")_[0-9]{3,}+",
    group = 0,
    needle = "AWS_",
    lead = 0,
    source = "the placeholders of this plugin",
  }
end


rules[#rules + 1] = literal_rule()


local _M = {
  rules = rules,
  names = names,
  kinds_by_name = kinds_by_name,
}


-- The rules that a configuration turns on.
-- @tparam table conf the plugin's configuration
-- @treturn table array of rules, in the catalogue's order
function _M.enabled(conf)
  local enabled = {}
  for _, rule in ipairs(rules) do
    if not rule.switch or conf[rule.switch] then
      enabled[#enabled + 1] = rule
    end
  end
  return enabled
end


return _M
