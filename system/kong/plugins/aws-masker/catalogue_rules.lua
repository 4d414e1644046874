-- Generated from system/kong/catalogue/catalogue.toml by `python -m system.kong.catalogue`: change that file.
-- What the fields mean stands in catalogue.lua.
-- luacheck: no max line length
return {
  -- EC2 Fleet
  { switch = "mask_ec2_instances", kind = "fleet",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(fleet\-[0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-(?:[0-9a-f]{12}|[0-9a-f]{5}(?:EXAMPLE|example)))(?![0-9A-Za-z])]],
    heads = { "fleet-" } },
  -- Spot Fleet request
  { switch = "mask_ec2_instances", kind = "spot_fleet_request",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(sfr\-[0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-(?:[0-9a-f]{12}|[0-9a-f]{5}(?:EXAMPLE|example)))(?![0-9A-Za-z])]],
    heads = { "sfr-" } },
  -- Scheduled Instance
  { switch = "mask_ec2_instances", kind = "scheduled_instance",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(sci\-[0-9]{4}\-[0-9]{4}\-[0-9]{4}\-[0-9]{4}\-[0-9]{12})(?![0-9A-Za-z])]],
    heads = { "sci-" } },
  -- UUID that is called a Reserved Instance
  { switch = "mask_ec2_instances", kind = "reserved_instances",
    pattern = [[[Rr][Ee][Ss][Ee][Rr][Vv][Ee][Dd](?:[ \-_])??[Ii][Nn][Ss][Tt][Aa][Nn][Cc][Ee](?:[Ss])??(?:[ \-_])??[Ii][Dd](?:[Ss])??[^0-9A-Za-z]{1,24}?([0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-(?:[0-9a-f]{12}|[0-9a-f]{5}(?:EXAMPLE|example)))(?![0-9A-Za-z]|\-)]],
    more = [[[^0-9A-Za-z]{1,8}?([0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-(?:[0-9a-f]{12}|[0-9a-f]{5}(?:EXAMPLE|example)))(?![0-9A-Za-z]|\-)]],
    heads = { "[Rr][Ee][Ss][Ee][Rr][Vv][Ee][Dd][ -_][Ii][Nn][Ss]", "[Rr][Ee][Ss][Ee][Rr][Vv][Ee][Dd][Ii][Nn][Ss][Tt]" } },
  -- Direct Connect
  { switch = "mask_vpc_resources", kind = "direct_connect",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:dxcon|dxvif|dxlag)\-[0-9a-z]{8})(?![0-9A-Za-z])]],
    heads = { "dxcon-", "dxlag-", "dxvif-" } },
  -- URI
  { switch = "mask_s3_buckets", kind = "s3", place = "behind",
    pattern = [[(?<![0-9A-Za-z])s3(?:(?:a|n))??://([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?![0-9A-Za-z])]],
    heads = { "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]s3://", "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]s3a:/", "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]s3n:/" } },
  -- ARN without account
  { switch = "mask_s3_buckets", kind = "s3",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))arn:aws(?:\-[\-0-9A-Za-z]{1,16}?)??:s3:::([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?![0-9A-Za-z])]],
    heads = { "arn:aws-", "arn:aws:" } },
  -- Host: bucket.s3.region.amazonaws.com, and its older, dual-stack, website and accelerated forms
  { switch = "mask_s3_buckets", kind = "s3", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?=\.s3(?:[\-\.0-9a-z]{1,63})?\.amazonaws\.com)]],
    heads = { ".amazonaws.com" } },
  -- Path: s3.region.amazonaws.com/bucket
  { switch = "mask_s3_buckets", kind = "s3", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])s3(?:[\-\.0-9a-z]{1,63}?)??\.amazonaws\.com(?:\.cn)??(?::[0-9]{1,5}?)??(?:\\)??/([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Console: console.aws.amazon.com/s3/buckets/bucket
  { switch = "mask_s3_buckets", kind = "s3",
    pattern = [[/s3/(?:buckets|object|home/buckets)/([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?![0-9A-Za-z])]],
    heads = { "/s3/buckets", "/s3/home/bu", "/s3/object/" } },
  -- Aliases of access points, and buckets with reserved suffixes
  { switch = "mask_s3_buckets", kind = "s3", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,240}(?:\-s3alias|\-\-ol\-s3|\-\-x\-s3|\-\-table\-s3|\.mrap))(?![0-9A-Za-z])]],
    heads = { "-s3alias", "--ol-s3", "--x-s3", "--table-s3", ".mrap" } },
  -- Named by a parameter: Bucket, BucketName, bucket
  { switch = "mask_s3_buckets", kind = "s3",
    pattern = [[(?:B|b)ucket(?:(?:_)??[Nn][Aa][Mm][Ee])??(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)([0-9a-z][\-\.0-9a-z]{1,61}[0-9a-z])(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "Bucket", "bucket" } },
  -- Named by an option: --bucket
  { switch = "mask_s3_buckets", kind = "s3",
    pattern = [[\-\-bucket(?:\-name)??(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?([0-9a-z][\-\.0-9a-z]{1,61}[0-9a-z])(?![0-9A-Za-z])]],
    heads = { "--bucket[\009 ]", "--bucket-", "--bucket=" } },
  -- Endpoint of an instance, cluster, reader or proxy; the label behind the name stands for account and region
  { switch = "mask_rds_instances", kind = "rds", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([A-Za-z][\-0-9A-Za-z]{0,62}\.(?:endpoint\.)?(?:(?:cluster\-ro|cluster\-custom|cluster|proxy|shardgrp|limitless)\-)?[0-9a-z]{12}\.(?:(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.(?:rds|docdb|neptune)\.amazonaws\.com(?:\.cn)?|(?:rds|docdb|neptune)\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?))(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Resource ids of instances and clusters
  { switch = "mask_rds_instances", kind = "rds",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:db|cluster|snapshot|proxy)\-[0-9A-Z]{25,26})(?![0-9A-Za-z])]],
    heads = { "cluste", "db-[0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ][0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ][0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ]", "proxy-", "snapsh" } },
  -- Named by a parameter: DBInstanceIdentifier, DBClusterIdentifier …
  { switch = "mask_rds_instances", kind = "rds",
    pattern = [[(?:[Dd][Bb]_[Ii][Nn][Ss][Tt][Aa][Nn][Cc][Ee]_[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Rr]|[Dd][Bb]_[Cc][Ll][Uu][Ss][Tt][Ee][Rr]_[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Rr]|[Dd][Bb](?:(?:[Ss][Nn][Aa][Pp][Ss][Hh][Oo][Tt]|[Pp][Rr][Oo][Xx][Yy]|[Ss][Uu][Bb][Nn][Ee][Tt][Gg][Rr][Oo][Uu][Pp]|[Pp][Aa][Rr][Aa][Mm][Ee][Tt][Ee][Rr][Gg][Rr][Oo][Uu][Pp]|[Cc][Ll][Uu][Ss][Tt][Ee][Rr]|[Ii][Nn][Ss][Tt][Aa][Nn][Cc][Ee]))??(?:[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Rr]|Name))(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)([A-Za-z][\-0-9A-Za-z]{0,62})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Dd][Bb][Cc][Ll][Uu][Ss]", "[Dd][Bb][Ii][Dd][Ee][Nn]", "[Dd][Bb][Ii][Nn][Ss][Tt]", "[Dd][Bb]Name", "[Dd][Bb][Pp][Aa][Rr][Aa]", "[Dd][Bb][Pp][Rr][Oo][Xx]", "[Dd][Bb][Ss][Nn][Aa][Pp]", "[Dd][Bb][Ss][Uu][Bb][Nn]", "[Dd][Bb]_[Cc][Ll][Uu]", "[Dd][Bb]_[Ii][Nn][Ss]" } },
  -- Named by an option: --db-instance-identifier …
  { switch = "mask_rds_instances", kind = "rds",
    pattern = [[\-\-db\-(?:instance|cluster|snapshot|cluster\-snapshot)\-identifier(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?([A-Za-z][\-0-9A-Za-z]{0,62})(?![0-9A-Za-z])]],
    heads = { "--db-cluster", "--db-instanc", "--db-snapsho" } },
  -- IPv4: 10/8, 172.16/12, 192.168/16, 100.64/10, 169.254/16
  { switch = "mask_private_ips", kind = "private_ip",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(?<![0-9]\.)((?:10\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9])|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|169\.254)\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9])\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9]))(?![0-9A-Za-z]|\.[0-9])]],
    heads = { "10.[0123456789]", "10.1", "10.[123456789]", "10.2", "100.", "169.", "172.", "192." } },
  -- Host name of an instance: ip-10-0-1-2
  { switch = "mask_private_ips", kind = "private_ip",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(ip\-(?:10\-(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9])|172\-(?:1[6-9]|2[0-9]|3[01])|192\-168|100\-(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])|169\-254)\-(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9])\-(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|(?:[1-9])?[0-9]))(?![0-9A-Za-z])]],
    heads = { "ip-10-", "ip-100", "ip-169", "ip-172", "ip-192" } },
  -- IPv6: fc00::/7 and fe80::/10
  { switch = "mask_private_ips", kind = "private_ip",
    pattern = [[(?<![0-9A-Za-z])(?<!:)((?:[Ff][CDcd][0-9A-Fa-f]{2}|[Ff][Ee][89ABab][0-9A-Fa-f]):(?:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})?)?)?)?)?:)?:(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})?)?)?)?)?)?))(?![0-9A-Za-z]|:)]],
    heads = { "[Ff][CDcd][0123456789ABCDEFabcdef][0123456789ABCDEFabcdef]:[0123456789ABCDEFabcdef]", "[Ff][CDcd][0123456789ABCDEFabcdef][0123456789ABCDEFabcdef]::", "[Ff][Ee][89ABab][0123456789ABCDEFabcdef]:[0123456789ABCDEFabcdef]", "[Ff][Ee][89ABab][0123456789ABCDEFabcdef]::" } },
  -- ARN, also in JSON that is quoted, where `/` may be `\/`
  { switch = "mask_arns", kind = "arn",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(arn:aws(?:\-[\-0-9A-Za-z]{1,16})?:[\-0-9A-Za-z]{1,63}:[\-0-9A-Za-z]{0,32}:(?:[\*\-0-9A-Za-z]{0,64}:[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047}(?:\\{1,7}/[!#-%\*\+\--:=\?-Z_a-\{\}~]{0,2047})?)?)?)?)?)?)?)?)?)?)?)?)?)?)?)?[\*/-9=A-Z_a-z\}]|[0-9]{12}))]],
    heads = { "arn:aws-", "arn:aws:" } },
  -- ARN as part of a URL
  { switch = "mask_arns", kind = "arn",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(arn%3(?:A|a)aws[%\*\+\--9=@-Z_a-z~]{4,2047}[0-9A-Za-z])]],
    heads = { "arn%3Aaws", "arn%3aaws" } },
  -- Behind the word account or owner
  { switch = "mask_account_ids", kind = "account",
    pattern = [[(?:[Aa][Cc][Cc][Oo][Uu][Nn][Tt]|[Oo][Ww][Nn][Ee][Rr])(?:[Ss])??(?:(?:[ \-_])??(?:[Ii][Dd][Ss]|[Ii][Dd]|[Nn][Uu][Mm][Bb][Ee][Rr][Ss]|[Nn][Uu][Mm][Bb][Ee][Rr]|[Nn][Oo]))??[^0-9A-Za-z]{1,24}?(?:(?:is|(?:V|v)alue)[^0-9A-Za-z]{1,24}?)??((?:[0-9]{12}|[0-9]{4}\-[0-9]{4}\-[0-9]{4}))(?![0-9A-Za-z])]],
    more = [[[^0-9A-Za-z]{1,24}?(?:(?:and|or)[^0-9A-Za-z]{1,4}?)??((?:[0-9]{12}|[0-9]{4}\-[0-9]{4}\-[0-9]{4}))(?![0-9A-Za-z])]],
    heads = { "[Aa][Cc][Cc][Oo][Uu]", "[Oo][Ww][Nn][Ee][Rr]" } },
  -- In front of the word account
  { switch = "mask_account_ids", kind = "account", place = "behind",
    pattern = [[(?<![0-9A-Za-z])((?:[0-9]{12}|[0-9]{4}\-[0-9]{4}\-[0-9]{4}))(?=[^0-9A-Za-z]{1,4}(?:[Aa][Ww][Ss] )?[Aa][Cc][Cc][Oo][Uu][Nn][Tt])]],
    heads = { "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz][0123456789][0123456789][0123456789][0123456789]-[0123456789][0123456789][0123456789][0123456789]-[0123456789][0123456789]", "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789]" } },
  -- In the host of a registry or a sign-in page
  { switch = "mask_account_ids", kind = "account", place = "behind",
    pattern = [[(?<![0-9A-Za-z])([0-9]{12})(?=\.(?:dkr\.ecr|dkr\-ecr|signin\.aws|emrappui\-prod|redshift\-serverless)(?:\-[\-0-9A-Z_a-z]{1,16})?\.)]],
    heads = { "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789]" } },
  -- Redshift Serverless: workgroup.account.region
  { switch = "mask_account_ids", kind = "account", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])[0-9A-Za-z][\-0-9A-Za-z]{1,62}?\.([0-9]{12})(?=\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.redshift\-serverless)]],
    heads = { ".redshift-serverless" } },
  -- In the URL of a queue
  { switch = "mask_account_ids", kind = "account",
    pattern = [[(?:sqs\.[\-0-9a-z]{2,32}?|queue)(?:\.cn)??\.amazonaws\.com(?:\.cn)??(?:\\)??/([0-9]{12})(?![0-9A-Za-z])]],
    heads = { "queu", "sqs." } },
  -- In an ARN whose rest is none
  { switch = "mask_account_ids", kind = "account",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))arn:aws(?:\-[\-0-9A-Za-z]{1,16}?)??:[\-0-9A-Za-z]{1,63}?:[\-0-9A-Za-z]{0,32}?:([0-9]{12})(?![0-9A-Za-z])]],
    heads = { "arn:aws-", "arn:aws:" } },
  -- Access key id; those in AWS's documentation end in EXAMPLE and keep to no alphabet
  { switch = "mask_access_keys", kind = "access_key",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:AKIA|ASIA|ABIA|ACCA)(?:[2-7A-Z]{16}|[0-9A-Z]{9}EXAMPLE))(?![0-9A-Za-z])]],
    heads = { "ABIA", "ACCA", "AKIA", "ASIA" } },
  -- Unique id of a user, role, group, policy …
  { switch = "mask_access_keys", kind = "iam_id",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA)(?:[2-7A-Z]{16,17}|[0-9A-Z]{9,10}EXAMPLE))(?![0-9A-Za-z])]],
    heads = { "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA" } },
  -- Secret key behind its name
  { switch = "mask_access_keys", kind = "secret_key",
    pattern = [[[Ss][Ee][Cc][Rr][Ee][Tt](?:[ \-_])??(?:[Aa][Cc][Cc][Ee][Ss][Ss](?:[ \-_])??)??[Kk][Ee][Yy][^\+/-9A-Za-z]{1,24}?(?:(?:is|(?:(?:Output|Parameter))??(?:V|v)alue)[^\+/-9A-Za-z]{1,24}?)??((?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/))(?![\+/-9A-Za-z]|=)]],
    heads = { "[Ss][Ee][Cc][Rr][Ee][Tt][ -_][Aa][Cc]", "[Ss][Ee][Cc][Rr][Ee][Tt][ -_][Kk][Ee]", "[Ss][Ee][Cc][Rr][Ee][Tt][Aa][Cc][Cc]", "[Ss][Ee][Cc][Rr][Ee][Tt][Kk][Ee][Yy]" } },
  -- Secret key right behind its key id, as in the console's credentials.csv
  { switch = "mask_access_keys", kind = "secret_key",
    pattern = [[(?:AKIA|ASIA)[0-9A-Z]{16}?[^\+/-9A-Za-z]{1,8}?((?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/)(?:[\+/-9A-Za-z]|\\/))(?![\+/-9A-Za-z]|=)]],
    heads = { "AKIA", "ASIA" } },
  -- Session token behind its name
  { switch = "mask_access_keys", kind = "session_token",
    pattern = [[(?:[Ss][Ee][Ss][Ss][Ii][Oo][Nn]|[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy])(?:[ \-_])??[Tt][Oo][Kk][Ee][Nn][^\+/-9A-Za-z]{1,24}?(?:(?:is|(?:(?:Output|Parameter))??(?:V|v)alue)[^\+/-9A-Za-z]{1,24}?)??([%\+/-9=A-Za-z]{64,16384})]],
    heads = { "[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy][ -_][Tt][Oo][Kk]", "[Ss][Ee][Cc][Uu][Rr][Ii][Tt][Yy][Tt][Oo][Kk][Ee]", "[Ss][Ee][Ss][Ss][Ii][Oo][Nn][ -_][Tt][Oo][Kk][Ee]", "[Ss][Ee][Ss][Ss][Ii][Oo][Nn][Tt][Oo][Kk][Ee][Nn]" } },
  -- Session token by how those of STS begin, whatever stands before
  { switch = "mask_access_keys", kind = "session_token", place = "behind",
    pattern = [[(?<![\+/-9A-Za-z])((?:FwoGZXIvYXdz|FQoGZXIvYXdz|FQoDYXdz|IQoJb3JpZ2luX2Vj|AQoDYXdz)[%\+/-9=A-Za-z]{32,16384})]],
    heads = { "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]AQoDYXdz", "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]FQoDYXdz", "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]FQoGZXIv", "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]FwoGZXIv", "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]IQoJb3Jp" } },
  -- API key of Bedrock
  { switch = "mask_access_keys", kind = "bedrock_key", place = "behind",
    pattern = [[(?<![\+/-9A-Za-z])((?:ABSK[\+/-9A-Za-z]{64,269}(?:=)?(?:=)?|bedrock\-api\-key\-[%\+/-9=A-Za-z]{64,16384}))]],
    heads = { "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]ABSK", "[^+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz]bedr" } },
  -- Multi-Region key
  { switch = "mask_kms_keys", kind = "kms",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(mrk\-[0-9a-f]{32})(?![0-9A-Za-z])]],
    heads = { "mrk-" } },
  -- UUID that is called a KMS key
  { switch = "mask_kms_keys", kind = "kms",
    pattern = [[[Kk][Mm][Ss](?:[ \-_])??(?:[Mm][Aa][Ss][Tt][Ee][Rr](?:[ \-_])??)??[Kk][Ee][Yy](?:(?:[ \-_])??[Ii][Dd])??[^0-9A-Za-z]{1,24}?([0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{12})(?![0-9A-Za-z]|\-)]],
    heads = { "[Kk][Mm][Ss][ -_][Kk][Ee]", "[Kk][Mm][Ss][ -_][Mm][Aa]", "[Kk][Mm][Ss][Kk][Ee][Yy]", "[Kk][Mm][Ss][Mm][Aa][Ss]" } },
  -- UUID or alias that a parameter or option of KMS names
  { switch = "mask_kms_keys", kind = "kms",
    pattern = [[(?:(?:[Tt][Aa][Rr][Gg][Ee][Tt]|[Ss][Oo][Uu][Rr][Cc][Ee]|[Dd][Ee][Ss][Tt][Ii][Nn][Aa][Tt][Ii][Oo][Nn]|[Gg][Rr][Aa][Nn][Tt])(?:[ \-_])??|)[Kk][Ee][Yy](?:[ \-_])??[Ii][Dd](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)((?:[0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{12}|alias/[#\--9A-Z_a-z]{1,256}))(?![0-9A-Za-z]|\-)]],
    heads = { "[Dd][Ee][Ss][Tt][Ii]", "[Gg][Rr][Aa][Nn][Tt]", "[Kk][Ee][Yy][ -_][Ii]", "[Kk][Ee][Yy][Ii][Dd]", "[Ss][Oo][Uu][Rr][Cc]", "[Tt][Aa][Rr][Gg][Ee]" } },
  -- Hosted zone, by its path, a parameter or an option
  { switch = "mask_dns_zones", kind = "hosted_zone",
    pattern = [[(?:hostedzone(?:\\)??/|[Hh][Oo][Ss][Tt][Ee][Dd](?:[ \-_])??[Zz][Oo][Nn][Ee](?:(?:(?:[ \-_])??[Ii][Dd][Ss]|(?:[ \-_])??[Ii][Dd]))??(?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)(?:\\)??(?:/)??|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?(?:/)??))(Z[0-9A-Z]{7,31})(?![0-9A-Za-z])]],
    heads = { "[Hh][Oo][Ss][Tt][Ee][Dd][ -_][Zz][Oo][Nn]", "[Hh][Oo][Ss][Tt][Ee][Dd][Zz][Oo][Nn][Ee]", "hostedzone" } },
  -- Change of a zone
  { switch = "mask_dns_zones", kind = "dns_change",
    pattern = [[/change/(C[0-9A-Z]{10,31})(?![0-9A-Za-z])]],
    heads = { "/change/C" } },
  -- Domain name
  { switch = "mask_cloudfront_distributions", kind = "cloudfront", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])(d[0-9a-z]{11,14}\.cloudfront\.net)(?![0-9A-Za-z])]],
    heads = { ".cloudfront.net" } },
  -- Id, by what is called a distribution or an origin access identity
  { switch = "mask_cloudfront_distributions", kind = "cloudfront",
    pattern = [[(?:[Dd][Ii][Ss][Tt][Rr][Ii][Bb][Uu][Tt][Ii][Oo][Nn](?:/|(?:(?:[ \-_])??[Ii][Dd])??(?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?|[\x09 ]))|origin\-access\-identity/cloudfront/|/distributions/)(E[0-9A-Z]{12,14})(?![0-9A-Za-z])]],
    heads = { "/distributio", "[Dd][Ii][Ss][Tt][Rr][Ii][Bb][Uu][Tt][Ii][Oo][Nn]", "origin-acces" } },
  -- Host of an API
  { switch = "mask_api_gateways", kind = "api_gateway", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-0-9A-Za-z]{4,63}\.(?:execute\-api|appsync\-api|appsync\-realtime\-api)\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?)(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Id, by a parameter, an option or a path
  { switch = "mask_api_gateways", kind = "api_gateway",
    pattern = [[(?:(?:[Rr][Ee][Ss][Tt](?:[ \-_])??[Aa][Pp][Ii]|[Aa][Pp][Ii])(?:[ \-_])??[Ii][Dd](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)|/restapis/)([0-9a-z]{10})(?![0-9A-Za-z])]],
    heads = { "/rest", "[Aa][Pp][Ii][ -_][Ii]", "[Aa][Pp][Ii][Ii][Dd]", "[Rr][Ee][Ss][Tt][ -_]", "[Rr][Ee][Ss][Tt][Aa]" } },
  -- Host
  { switch = "mask_load_balancers", kind = "load_balancer", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-0-9A-Za-z]{2,62}\.(?:(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.elb|elb\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2})\.amazonaws\.com(?:\.cn)?)(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- The name and id of a load balancer or target group, as in dimensions of metrics
  { switch = "mask_load_balancers", kind = "load_balancer", place = "behind",
    pattern = [[(?<![\--9A-Z_a-z])((?:(?:app|net|gwy)/[0-9A-Za-z][\-0-9A-Za-z]{0,31}|targetgroup/[0-9A-Za-z][\-0-9A-Za-z]{0,31}|loadbalancer/(?:app|net|gwy)/[0-9A-Za-z][\-0-9A-Za-z]{0,31})/[0-9a-f]{16,17})(?![0-9A-Za-z])]],
    heads = { "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]app/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]gwy/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]load", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]net/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]targ" } },
  -- Named by a parameter or an option
  { switch = "mask_load_balancers", kind = "load_balancer",
    pattern = [[(?:[Ll][Oo][Aa][Dd](?:[ \-_])??[Bb][Aa][Ll][Aa][Nn][Cc][Ee][Rr]|[Tt][Aa][Rr][Gg][Ee][Tt](?:[ \-_])??[Gg][Rr][Oo][Uu][Pp])(?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9A-Za-z][\-0-9A-Za-z]{1,31})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Ll][Oo][Aa][Dd][ -_][Bb][Aa][Ll][Aa][Nn][Cc][Ee]", "[Ll][Oo][Aa][Dd][Bb][Aa][Ll][Aa][Nn][Cc][Ee][Rr]", "[Tt][Aa][Rr][Gg][Ee][Tt][ -_][Gg][Rr][Oo][Uu][Pp]", "[Tt][Aa][Rr][Gg][Ee][Tt][Gg][Rr][Oo][Uu][Pp][ -_]", "[Tt][Aa][Rr][Gg][Ee][Tt][Gg][Rr][Oo][Uu][Pp][Nn]" } },
  -- Repository in the URI of an image
  { switch = "mask_containers", kind = "ecr", place = "behind",
    pattern = [[(?<![0-9A-Za-z])[0-9]{12}?\.dkr(?:\.ecr|\-ecr)(?:\-fips)??\.[\-0-9a-z]{2,32}?(?:\.amazonaws\.com|\.on\.aws)(?:\.cn)??(?:\\)??/([0-9a-z][\--9_a-z]{1,255})(?![0-9A-Za-z])]],
    heads = { "[^0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789][0123456789]" } },
  -- Repository named by a parameter or an option
  { switch = "mask_containers", kind = "ecr",
    pattern = [[[Rr][Ee][Pp][Oo][Ss][Ii][Tt][Oo][Rr][Yy](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9a-z][\--9_a-z]{1,255})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Rr][Ee][Pp][Oo][Ss][Ii][Tt][Oo][Rr][Yy][ -_][Nn]", "[Rr][Ee][Pp][Oo][Ss][Ii][Tt][Oo][Rr][Yy][Nn][Aa]" } },
  -- Endpoint of an EKS cluster
  { switch = "mask_containers", kind = "eks", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Z]{32}\.[0-9a-z]{2,4}\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.eks\.amazonaws\.com(?:\.cn)?)(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Id of an EKS cluster's OpenID Connect provider
  { switch = "mask_containers", kind = "eks",
    pattern = [[oidc(?:\-eks|\.eks)\.[\-0-9a-z]{2,32}?(?:\.amazonaws\.com|\.api\.aws)(?:\.cn)??(?:\\)??/id(?:\\)??/([0-9A-Z]{32})(?![0-9A-Za-z])]],
    heads = { "oidc-eks.", "oidc.eks." } },
  -- Cluster named by a parameter or an option
  { switch = "mask_containers", kind = "cluster",
    pattern = [[[Cc][Ll][Uu][Ss][Tt][Ee][Rr](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9A-Za-z][\-0-9A-Z_a-z]{1,254})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Cc][Ll][Uu][Ss][Tt][Ee][Rr][ -_][Nn][Aa][Mm]", "[Cc][Ll][Uu][Ss][Tt][Ee][Rr][Nn][Aa][Mm][Ee]" } },
  -- Task of a cluster
  { switch = "mask_containers", kind = "ecs", place = "behind",
    pattern = [[(?<![\--9A-Z_a-z])((?:task|container\-instance)/(?:[0-9A-Za-z][\-0-9A-Z_a-z]{0,254}/)?[0-9a-f]{32})(?![0-9A-Za-z])]],
    heads = { "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]conta", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]task/" } },
  -- URL of a function
  { switch = "mask_lambda_functions", kind = "lambda", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9a-z]{30,34}\.lambda\-url\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.on\.aws)(?![0-9A-Za-z])]],
    heads = { ".on.aws" } },
  -- Named by a parameter or an option
  { switch = "mask_lambda_functions", kind = "lambda",
    pattern = [[[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9A-Za-z][\-0-9A-Z_a-z]{1,139})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][ -_][Nn][Aa][Mm]", "[Ff][Uu][Nn][Cc][Tt][Ii][Oo][Nn][Nn][Aa][Mm][Ee]" } },
  -- Queue in its URL
  { switch = "mask_messaging", kind = "sqs",
    pattern = [[(?:sqs\.[\-0-9a-z]{2,32}?|queue)(?:\.cn)??\.amazonaws\.com(?:\.cn)??(?:\\)??/[0-9]{12}?(?:\\)??/([0-9A-Za-z][\-0-9A-Z_a-z]{0,79}(?:\.fifo)?)(?![0-9A-Za-z])]],
    heads = { "queu", "sqs." } },
  -- Queue or topic named by a parameter or an option
  { switch = "mask_messaging", kind = "sqs",
    pattern = [[[Qq][Uu][Ee][Uu][Ee](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9A-Za-z][\-0-9A-Z_a-z]{1,79}(?:\.fifo)?)(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Qq][Uu][Ee][Uu][Ee][ -_][Nn][Aa][Mm]", "[Qq][Uu][Ee][Uu][Ee][Nn][Aa][Mm][Ee]" } },
  -- Topic named by a parameter
  { switch = "mask_messaging", kind = "sns",
    pattern = [[[Tt][Oo][Pp][Ii][Cc](?:[ \-_])??[Nn][Aa][Mm][Ee](?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)([0-9A-Za-z][\-0-9A-Z_a-z]{1,255}(?:\.fifo)?)(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Tt][Oo][Pp][Ii][Cc][ -_][Nn][Aa][Mm]", "[Tt][Oo][Pp][Ii][Cc][Nn][Aa][Mm][Ee]" } },
  -- Table named by a parameter or an option
  { switch = "mask_data_stores", kind = "dynamodb",
    pattern = [[(?:TableName(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|\-\-table\-name(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9A-Za-z][\-\.0-9A-Z_a-z]{1,253}[0-9A-Za-z])(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "--table-n", "TableName" } },
  -- Endpoint of ElastiCache, MemoryDB or DAX
  { switch = "mask_data_stores", kind = "elasticache", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-\.0-9A-Z_a-z]{3,180}(?:\.cache\.amazonaws\.com(?:\.cn)?|\.(?:memorydb|dax\-clusters)\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?))(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Cache cluster or replication group named by a parameter or an option
  { switch = "mask_data_stores", kind = "elasticache",
    pattern = [[(?:(?:CacheClusterId|ReplicationGroupId)(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|\-\-(?:cache\-cluster|replication\-group)\-id(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([A-Za-z][\-0-9A-Za-z]{1,49})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "--cache-clus", "--replicatio", "CacheCluster", "ReplicationG" } },
  -- Endpoint of Redshift
  { switch = "mask_data_stores", kind = "redshift", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9A-Za-z][\-0-9A-Za-z]{1,62}\.(?:[0-9a-z]{12}\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.redshift|[0-9]{12}\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.redshift\-serverless)\.amazonaws\.com(?:\.cn)?)(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com" } },
  -- Domain of OpenSearch
  { switch = "mask_data_stores", kind = "opensearch", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])((?:[0-9A-Za-z][\-0-9A-Za-z]{2,94}\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.(?:es|aoss)\.amazonaws\.com(?:\.cn)?|[0-9A-Za-z][\-0-9A-Za-z]{2,94}\.aos\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.on\.aws))(?![0-9A-Za-z])]],
    heads = { ".amazonaws.com", ".on.aws" } },
  -- Of a service: /aws/lambda/name
  { switch = "mask_log_groups", kind = "log_group", place = "behind",
    pattern = [[(?<![\--9A-Z_a-z])(/aws/(?:lambda|rds|eks|ecs|codebuild|apigateway|vendedlogs|containerinsights|sagemaker|batch|events|kinesisfirehose|cloudtrail|route53|elasticbeanstalk|transfer|states|imagebuilder|docdb|neptune|redshift|opensearch|appsync|msk|vpc|ssm|amplify|apprunner|connect|greengrass|http\-api|lex|directoryservice|dms|OpenSearchService)/[#\--9A-Z_a-z]{1,400}[#0-9A-Z_a-z])(?![0-9A-Za-z])]],
    heads = { "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/Open", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/ampl", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/apig", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/appr", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/apps", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/batc", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/clou", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/code", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/conn", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/cont", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/dire", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/dms/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/docd", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/ecs/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/eks/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/elas", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/even", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/gree", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/http", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/imag", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/kine", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/lamb", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/lex/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/msk/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/nept", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/open", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/rds/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/reds", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/rout", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/sage", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/ssm/", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/stat", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/tran", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/vend", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]/aws/vpc/" } },
  -- Execution logs of API Gateway
  { switch = "mask_log_groups", kind = "log_group",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))(API\-Gateway\-Execution\-Logs_[0-9a-z]{10}/[\-0-9A-Z_a-z]{1,128})(?![0-9A-Za-z])]],
    heads = { "API-Gateway-" } },
  -- Named by a parameter or an option
  { switch = "mask_log_groups", kind = "log_group",
    pattern = [[[Ll][Oo][Gg](?:[ \-_])??[Gg][Rr][Oo][Uu][Pp](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([#\--9A-Z_a-z]{1,512}[#0-9A-Z_a-z])(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Ll][Oo][Gg][ -_][Gg][Rr][Oo][Uu][Pp][ -_][Nn][Aa]", "[Ll][Oo][Gg][ -_][Gg][Rr][Oo][Uu][Pp][Nn][Aa][Mm]", "[Ll][Oo][Gg][Gg][Rr][Oo][Uu][Pp][ -_][Nn][Aa][Mm]", "[Ll][Oo][Gg][Gg][Rr][Oo][Uu][Pp][Nn][Aa][Mm][Ee]" } },
  -- Id: stack/name/uuid
  { switch = "mask_stacks", kind = "stack", place = "behind",
    pattern = [[(?<![\--9A-Z_a-z])((?:stack|changeSet)/[A-Za-z][\-0-9A-Za-z]{0,127}/[0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{12})(?![0-9A-Za-z])]],
    heads = { "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]change", "[^-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz]stack/" } },
  -- Named by a parameter or an option
  { switch = "mask_stacks", kind = "stack",
    pattern = [[[Ss][Tt][Aa][Cc][Kk](?:[ \-_])??[Nn][Aa][Mm][Ee](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([A-Za-z][\-0-9A-Za-z]{1,127})(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Ss][Tt][Aa][Cc][Kk][ -_][Nn][Aa][Mm]", "[Ss][Tt][Aa][Cc][Kk][Nn][Aa][Mm][Ee]" } },
  -- User pool
  { switch = "mask_cognito", kind = "cognito",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}_[0-9A-Za-z]{9})(?![0-9A-Za-z])]],
    heads = { "af-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "ap-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "ca-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "cn-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "eu-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "eusc-", "il-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "me-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "mx-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "sa-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "us-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]" } },
  -- Identity and identity pool
  { switch = "mask_cognito", kind = "cognito",
    pattern = [[(?:(?<![0-9A-Za-z])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})|(?<=[0-9;\[]m))((?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}:[0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{12})(?![0-9A-Za-z])]],
    heads = { "af-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "ap-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "ca-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "cn-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "eu-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "eusc-", "il-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "me-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "mx-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "sa-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]", "us-[-abcdefghijklmnopqrstuvwxyz][-abcdefghijklmnopqrstuvwxyz]" } },
  -- Client of a user pool, named by a parameter
  { switch = "mask_cognito", kind = "cognito",
    pattern = [[(?:[Uu][Ss][Ee][Rr](?:[ \-_])??[Pp][Oo][Oo][Ll](?:[ \-_])??|[Aa][Pp][Pp](?:[ \-_])??|)[Cc][Ll][Ii][Ee][Nn][Tt](?:[ \-_])??[Ii][Dd](?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)([0-9a-z]{25,26})(?![0-9A-Za-z])]],
    heads = { "[Aa][Pp][Pp][ -_][Cc][Ll][Ii][Ee]", "[Aa][Pp][Pp][Cc][Ll][Ii][Ee][Nn]", "[Cc][Ll][Ii][Ee][Nn][Tt][ -_][Ii]", "[Cc][Ll][Ii][Ee][Nn][Tt][Ii][Dd]", "[Uu][Ss][Ee][Rr][ -_][Pp][Oo][Oo]", "[Uu][Ss][Ee][Rr][Pp][Oo][Oo][Ll]" } },
  -- Domain
  { switch = "mask_cognito", kind = "cognito", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])([0-9a-z][\-0-9A-Za-z]{0,62}\.auth(?:\-fips)?\.(?:us|eu|ap|sa|ca|me|af|il|mx|cn|eusc)\-[\-a-z]{2,20}\-[0-9]{1,2}\.amazoncognito\.com)(?![0-9A-Za-z])]],
    heads = { ".amazoncognito.com" } },
  -- Secret named by a parameter, an option or a dynamic reference
  { switch = "mask_secret_names", kind = "secret_name",
    pattern = [[(?:[Ss][Ee][Cc][Rr][Ee][Tt](?:[ \-_])??(?:[Ii][Dd]|[Nn][Aa][Mm][Ee])(?:(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?)|resolve:secretsmanager:)([\+\--9=@-Z_a-z]{1,512}[0-9A-Za-z])(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "[Ss][Ee][Cc][Rr][Ee][Tt][ -_][Ii]", "[Ss][Ee][Cc][Rr][Ee][Tt][ -_][Nn]", "[Ss][Ee][Cc][Rr][Ee][Tt][Ii][Dd]", "[Ss][Ee][Cc][Rr][Ee][Tt][Nn][Aa]", "resolve:" } },
  -- Parameter named by a parameter, an option or a dynamic reference
  { switch = "mask_secret_names", kind = "parameter",
    pattern = [[(?:[Pp][Aa][Rr][Aa][Mm][Ee][Tt][Ee][Rr](?:[ \-_])??[Nn][Aa][Mm][Ee](?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|\-\-name(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?/|resolve:(?:ssm|ssm\-secure):)([\+\--9=@-Z_a-z]{1,1011}[0-9A-Za-z])(?![0-9A-Za-z]|[\x09 ][0-9A-Za-z])]],
    heads = { "--name[\009 ]", "--name=", "[Pp][Aa][Rr][Aa][Mm][Ee][Tt]", "resolve" } },
  -- Id behind the word certificate
  { switch = "mask_certificates", kind = "certificate",
    pattern = [[[Cc][Ee][Rr][Tt][Ii][Ff][Ii][Cc][Aa][Tt][Ee](?:(?:[ \-_])??[Ii][Dd])??(?:/|(?:["'\\`]{0,4}?[\x09 ]{0,3}?(?::|=|=>)[\x09 ]{0,3}?["'\\`]{1,4}?|\xFE|>)|(?:[\x09 ]{1,3}?|=)["'\\`]{0,2}?|[\x09 ])([0-9a-f]{8}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{4}\-[0-9a-f]{12})(?![0-9A-Za-z]|\-)]],
    heads = { "[Cc][Ee][Rr][Tt][Ii][Ff][Ii][Cc][Aa][Tt][Ee]" } },
  -- Name that validates a certificate
  { switch = "mask_certificates", kind = "certificate", place = "host",
    pattern = [[(?<![\-\.0-9A-Z_a-z])(_[0-9a-f]{32}\.(?:[0-9a-z]{10}\.)?acm\-validations\.aws)(?![0-9A-Za-z])]],
    heads = { ".acm-validations.aws" } },
}
