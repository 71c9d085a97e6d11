"""The OpenAPI document: whatever it allows is answered as it says, with no 5xx and no status besides."""

import itertools

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.dashboard.conftest import Service, Serving
from tests.dashboard.seeding import MAIN

EXAMPLES = 6
"""Of each address and method."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
KNOWN = {"study": MAIN, "number": 9, "space": "vgg", "id": 1}
"""What every second example is asked of, where random words would only ever find nothing."""
STARTS = ("/api/studies", "/api/studies/{study}/resume")
"""These begin processes where what they are asked is right."""


def test_every_address_keeps_its_word(serving: Serving) -> None:
    service = serving()
    schema = schemathesis.openapi.from_url(f"{service.url}/api/openapi.json")
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.endswith("/live"):  # these never end
            _try(service, operation)
            tried += 1
    assert tried > 30


def test_every_status_is_written_down(service: Service) -> None:
    with service.stranger() as client:
        document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            assert about["summary"] or about["description"], path
            assert "422" not in about["responses"], path
            if path != "/health":
                assert {"400", "401", "403", "413", "429", "503"} <= set(about["responses"]), (method, path)
            if "{study}" in path or "{space}" in path:
                assert "404" in about["responses"], (method, path)


def _try(service: Service, operation: schemathesis.APIOperation) -> None:
    turns = itertools.count()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(case=operation.as_strategy())
    def keeps(case: schemathesis.Case) -> None:
        if next(turns) % 2 and operation.path not in STARTS:
            known = {name: KNOWN[name] for name in case.path_parameters or {} if name in KNOWN}
            case.path_parameters = {**(case.path_parameters or {}), **known}
        answer = case.call(headers=service.headers, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    keeps()
