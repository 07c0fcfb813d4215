"""What a region states (JWS, SM2): the types, so that none passes for another.

A receipt key signs reports, what the verifier answered about one document, and archive
statements, about the manifest of an archive package. A bundle is the trust material that a
relying party takes along when there will be no connection; a key of its own signs it.
"""

from typing import Final

REPORT: Final = "yinxin-report+jwt"
BUNDLE: Final = "yinxin-bundle+jwt"
ARCHIVE: Final = "yinxin-archive+jwt"
