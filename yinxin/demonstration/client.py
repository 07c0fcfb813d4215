"""A small client of our own API, as a department's system would write one."""

import json
import secrets
import shutil
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import IO, Any

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered."""

    status: int
    content: bytes

    @property
    def json(self) -> Any:
        """The answer as JSON."""
        return json.loads(self.content)


class UnexpectedAnswerError(Exception):
    """The service answered otherwise than the story expects."""


class Client:
    """Calls one service as one account."""

    def __init__(self, address: str, token: str | None = None) -> None:
        self.address = address
        self._token = token

    @classmethod
    def sign_in(cls, address: str, account: str, secret: str) -> "Client":
        """Obtain a token for `account` and return a client that uses it."""
        form = {
            "grant_type": "client_credentials",
            "client_id": account,
            "client_secret": secret,
        }
        body = urllib.parse.urlencode(form).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = cls(address).call("POST", "/oauth/token", body, kind)
        return cls(address, answer.json["access_token"])

    def get(self, path: str) -> Answer:
        """GET `path`; anything but success is unexpected."""
        return self.call("GET", path)

    def post(self, path: str, members: dict[str, Any] | None = None, **headers: str) -> Answer:
        """POST JSON to `path`; anything but success is unexpected."""
        body = json.dumps(members or {}, ensure_ascii=False).encode()
        return self.call("POST", path, body, {"Content-Type": "application/json"} | headers)

    def upload(self, path: str, document: bytes, name: str = "document") -> Answer:
        """POST a file as the form member `file` to `path`."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        )
        body = head.encode() + document + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.call("POST", path, body, kind)

    def download(self, path: str, target: IO[bytes]) -> None:
        """Write what is at `path` to `target` as it arrives; a refusal raises `HTTPError`."""
        request = urllib.request.Request(self.address + path)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with _opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            shutil.copyfileobj(response, target)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        headers: dict[str, str] | None = None,
        *,
        expect_success: bool = True,
    ) -> Answer:
        """Send one request.

        Raises:
            UnexpectedAnswerError: for a status of 400 or more, unless it is expected.
        """
        request = urllib.request.Request(
            self.address + path, data=body, headers=headers or {}, method=method
        )
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with _opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return Answer(response.status, response.read())
        except urllib.error.HTTPError as error:
            content = error.read()
            if expect_success:
                text = content.decode(errors="replace")[:500]
                raise UnexpectedAnswerError(f"{method} {path}: {error.code} {text}") from error
            return Answer(error.code, content)
