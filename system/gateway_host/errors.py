"""What can be wrong with the host's input, as one line for the person who gave it."""


class HostError(Exception):
    """The host cannot start; the message says what, which value, and what would be right."""


class SettingError(HostError):
    """A `KONG_*` setting has a value the host cannot use."""


class PackageError(HostError):
    """Something the host needs from the system's packages is not installed."""


class ConfigurationRefusedError(HostError):
    """nginx, a plugin or the declarative configuration was refused."""
