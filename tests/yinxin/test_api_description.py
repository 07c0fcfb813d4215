"""The API description says how we refuse, not how FastAPI would."""

import pytest

from yinxin.app import create_app
from yinxin.context import open_context
from yinxin.problems import MEDIA_TYPE
from yinxin.serving import free_port
from yinxin.settings import Settings


@pytest.fixture(scope="module")
def description(tmp_path_factory):
    folder = tmp_path_factory.mktemp("description")
    context = open_context(Settings(data_directory=folder, port=free_port(), demonstration=True))
    yield create_app(context).openapi()
    context.close()


def operations(description):
    return [
        (path, operation)
        for path, methods in description["paths"].items()
        for operation in methods.values()
    ]


def test_every_refusal_is_a_problem_and_none_is_fastapis(description):
    for _, operation in operations(description):
        assert list(operation["responses"]["4XX"]["content"]) == [MEDIA_TYPE]
        assert "422" not in operation["responses"]
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_routes_of_the_service_take_a_token(description):
    for path, operation in operations(description):
        assert ("security" in operation) is path.startswith("/v1/")


def test_what_carries_a_validator_may_be_unchanged(description):
    for path, operation in operations(description):
        conditional = path.startswith(("/crl/", "/ocsp/", "/v1/status-lists/"))
        assert ("304" in operation["responses"]) is conditional
