"""What a receipt key signs beside receipts (JWS, SM2): the types, so that none passes for another.

A report is what the verifier answered about one document. A bundle is the trust material
that a relying party takes along when there will be no connection. An archive statement is
about the manifest of an archive package.
"""

from typing import Final

REPORT: Final = "yinxin-report+jwt"
BUNDLE: Final = "yinxin-bundle+jwt"
ARCHIVE: Final = "yinxin-archive+jwt"
