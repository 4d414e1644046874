-- What stands before the digits of an EC2-style id, and the kind of resource it says: per
-- family of switches.
-- Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIdFormat.html
return {
  instances = {
    ["i"] = "ec2",
    ["mi"] = "managed_instance",
    ["r"] = "reservation",
    ["h"] = "dedicated_host",
    ["lt"] = "launch_template",
  },

  network = {
    ["vpc"] = "vpc",
    ["subnet"] = "subnet",
    ["sg"] = "security_group",
    ["sgr"] = "security_group_rule",
    ["eni"] = "eni",
    ["eni-attach"] = "eni_attachment",
    ["acl"] = "network_acl",
    ["aclassoc"] = "network_acl_association",
    ["rtb"] = "route_table",
    ["rtbassoc"] = "route_table_association",
    ["igw"] = "internet_gateway",
    ["eigw"] = "egress_gateway",
    ["nat"] = "nat_gateway",
    ["cgw"] = "customer_gateway",
    ["vgw"] = "vpn_gateway",
    ["vpn"] = "vpn",
    ["tgw"] = "transit_gateway",
    ["tgw-attach"] = "transit_gateway_attachment",
    ["tgw-rtb"] = "transit_gateway_route_table",
    ["pcx"] = "vpc_peering",
    ["vpce"] = "vpc_endpoint",
    ["vpce-svc"] = "vpc_endpoint_service",
    ["vpc-cidr-assoc"] = "vpc_cidr_association",
    ["subnet-cidr-assoc"] = "subnet_cidr_association",
    ["eipalloc"] = "elastic_ip",
    ["eipassoc"] = "elastic_ip_association",
    ["dopt"] = "dhcp_options",
    ["pl"] = "prefix_list",
    ["fl"] = "flow_log",
  },

  storage = {
    ["vol"] = "volume",
    ["snap"] = "snapshot",
    ["ami"] = "ami",
    ["fs"] = "file_system",
    ["fsap"] = "file_system_access_point",
  },
}
