"""The keystore that the settings name."""

from ca.keystore import FileKeystore, Keystore
from yinxin.settings import Environment, Settings


def open_keystore(settings: Settings) -> Keystore:
    """Open the keystore of a service.

    Raises:
        CAError: if it cannot be opened, or holds development keys in production.
    """
    production = settings.environment is Environment.PRODUCTION
    return FileKeystore(settings.keys_directory / settings.region, production=production)
