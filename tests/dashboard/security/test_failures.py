"""Who guesses waits."""

from nas.dashboard.security.failures import FAILURES
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Serving
from tests.dashboard.security.asking import bearer, logged_in


def test_who_guesses_waits(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with logged_in(service, READ_TOKEN) as known, service.stranger() as client:
        for number in range(FAILURES):
            if number % 2:
                sent = client.post("/login", data={"token": f"guess-{number}", "next": "/spaces"})
                assert (sent.status_code, sent.headers["location"]) == (303, "/login?wrong=true&next=/spaces")
            else:
                assert client.get("/api/studies", headers=bearer(f"guess-{number}")).status_code == 401
        late = client.get("/api/studies", headers=bearer(WRITE_TOKEN))
        assert late.status_code == 429
        assert 0 < int(late.headers["retry-after"]) <= 61
        assert client.post("/login", data={"token": WRITE_TOKEN}).status_code == 429
        assert known.get("/api/studies").status_code == 200
    refused = [row for row in service.store.audit(100) if row.outcome.startswith("refused (401)")]
    assert len(refused) == FAILURES
    assert all("guess" not in f"{row.detail}{row.outcome}" for row in refused)
