"""The kinds of identifiers that events may count: the plugin's catalogue, by name."""

from typing import Final

_NAMES: Final = """
access_key account ami arn customer_gateway dedicated_host dhcp_options ec2 egress_gateway
elastic_ip elastic_ip_association eni eni_attachment file_system file_system_access_point flow_log
iam_id internet_gateway kms launch_template literal managed_instance nat_gateway network_acl
network_acl_association prefix_list private_ip rds reservation route_table route_table_association
s3 secret_key security_group security_group_rule session_token snapshot subnet
subnet_cidr_association transit_gateway transit_gateway_attachment transit_gateway_route_table
volume vpc vpc_cidr_association vpc_endpoint vpc_endpoint_service vpc_peering vpn vpn_gateway
"""

KINDS: Final = frozenset(_NAMES.split())
"""A name that is not among these is not shown: whoever can publish could put an identifier there."""
