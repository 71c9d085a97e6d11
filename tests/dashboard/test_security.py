"""Who may do what; a test for each promise."""

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx2
import pytest

from nas.dashboard.security import rights
from nas.dashboard.security.failures import FAILURES
from nas.dashboard.settings import Settings
from nas.errors import NasError
from tests.dashboard.conftest import READ_TOKEN, WRITE_TOKEN, Service, Serving
from tests.dashboard.seeding import MAIN, ODD

STOP = f"/api/studies/{MAIN}/stop"
PAGES = (
    "/studies",
    f"/studies/{MAIN}",
    f"/studies/{MAIN}/trials",
    f"/studies/{MAIN}/trials/17",
    "/nope",
    "/login",
)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def csrf_of(client: httpx2.Client) -> dict[str, str]:
    return {"X-NAS-CSRF": client.get("/api/session").json()["csrf"]}


@contextmanager
def logged_in(service: Service, token: str | None) -> Iterator[httpx2.Client]:
    with service.stranger() as client:
        answer = client.post("/login", data={"token": token, "next": "/studies"})
        assert answer.status_code == 303, answer.text
        client.headers.update(csrf_of(client))
        yield client


class Tags(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


# Where it listens


def test_it_listens_on_this_machine_unless_told_otherwise() -> None:
    assert Settings().host == "127.0.0.1"
    Settings().check()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "nas.example.org", "127.0.0.1.example.org"])
def test_any_other_address_needs_a_token(host: str) -> None:
    with pytest.raises(NasError, match="NAS_WRITE_TOKEN"):
        Settings(host=host).check()
    Settings(host=host, write_token=WRITE_TOKEN).check()


@pytest.mark.parametrize("token", ["short", "with a space in it, though long", "ä" * 20, "x" * 600])
def test_a_token_is_a_secret(token: str) -> None:
    with pytest.raises(NasError, match="16 to 512"):
        Settings(write_token=token).check()


def test_readers_are_not_writers() -> None:
    with pytest.raises(NasError, match="equal"):
        Settings(read_token=READ_TOKEN, write_token=READ_TOKEN).check()


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.evil.org", "", "[::ffff:1.2.3.4]", "localhost.evil.org:80"]
)
def test_a_name_that_was_bent_to_this_machine_is_refused(service: Service, host: str) -> None:
    with service.stranger() as client:
        answer = client.get("/api/studies", headers={"Host": host})
    assert answer.status_code == 403
    assert "without a token" in answer.json()["error"]["what"]


# Tokens


def test_a_token_is_needed(guarded: Service) -> None:
    with guarded.stranger() as client:
        for path in ("/api/studies", "/api/live", "/metrics", "/api/openapi.json", "/api/audit"):
            answer = client.get(path)
            assert answer.status_code == 401, path
            assert "vgg" not in answer.text
        page = client.get(f"/studies/{MAIN}?x=1")
    assert (page.status_code, page.headers["location"]) == (303, f"/login?next=/studies/{MAIN}%3Fx%3D1")


@pytest.fixture
def reader(guarded: Service) -> Iterator[httpx2.Client]:
    with guarded.stranger(headers=bearer(READ_TOKEN)) as client:
        yield client


def test_readers_read_and_do_not_write(reader: httpx2.Client) -> None:
    assert reader.get("/api/studies").status_code == 200
    assert reader.post("/api/spaces/vgg/price", json={"data": "digits"}).status_code == 200
    for method, path in [
        ("POST", STOP),
        ("POST", "/api/studies"),
        ("POST", "/api/studies/preview"),
        ("POST", f"/api/studies/{MAIN}/notes"),
        ("DELETE", f"/api/studies/{MAIN}/notes/1"),
    ]:
        answer = reader.request(method, path, json={})
        assert answer.status_code == 403, path
        assert answer.json()["error"]["kind"] == "Forbidden"


def test_writers_read_and_write(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.client() as client:
        assert client.get("/api/studies").status_code == 200
        assert client.post(STOP).status_code == 200
    assert service.store.study(MAIN).wanted.value == "drain"


def test_a_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append((a, b))
        return a == b

    monkeypatch.setattr(rights.hmac, "compare_digest", compare)
    keys = rights.Keys(Settings(read_token=READ_TOKEN, write_token=WRITE_TOKEN))
    for token in (READ_TOKEN, WRITE_TOKEN, "", "x" * 9999):
        compared.clear()
        keys.of_token(token)
        assert [(len(a), len(b)) for a, b in compared] == [(32, 32)] * 2
    assert hmac.compare_digest is compare


# Sessions


def test_the_cookie_is_for_this_host_and_no_script(guarded: Service) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={"token": READ_TOKEN})
    said = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in said.split(";")}
    assert READ_TOKEN not in said


def test_a_session_has_the_rights_of_its_token(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with logged_in(service, READ_TOKEN) as client:
        assert client.get("/studies").status_code == 200
        assert client.post(STOP).status_code == 403
    with logged_in(service, WRITE_TOKEN) as client:
        assert client.post(STOP).status_code == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "2.9999999999.x.y", "2.9999999999.abc." + "0" * 64, "9.1.1.1", "2.1.\\x.1"]
)
def test_a_forged_session_is_none(guarded: Service, cookie: str) -> None:
    with guarded.stranger() as client:
        answer = client.get("/api/studies", headers={"Cookie": f"nas_session={cookie}".encode()})
    assert answer.status_code == 401


def test_a_session_ends_with_its_time_or_its_logout(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = rights.Keys(Settings(write_token=WRITE_TOKEN))
    cookie, other = keys.cookie(rights.Right.WRITE), keys.cookie(rights.Right.WRITE)
    assert keys.of_cookie(cookie).can_write
    keys.revoke(keys.of_cookie(cookie).session)
    assert not keys.of_cookie(cookie).can_write
    assert keys.of_cookie(other).can_write
    now = time.time()
    monkeypatch.setattr(rights.time, "time", lambda: now + rights.SESSION_S + 1)
    assert not keys.of_cookie(other).can_write


def test_a_session_of_another_token_is_none() -> None:
    before = rights.Keys(Settings(write_token=WRITE_TOKEN)).cookie(rights.Right.WRITE)
    assert not rights.Keys(Settings(write_token="another-" + WRITE_TOKEN)).of_cookie(before).right
    assert not rights.Keys(Settings(read_token=WRITE_TOKEN)).of_cookie(before).right


def test_logging_out_ends_the_session(guarded: Service) -> None:
    with logged_in(guarded, READ_TOKEN) as client:
        cookie = client.cookies["nas_session"]
        assert client.post("/logout").headers["location"] == "/login"
    with guarded.stranger(cookies={"nas_session": cookie}) as client:
        assert client.get("/api/studies").status_code == 401


def test_the_header_has_a_way_out(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.stranger() as client:
        client.post("/login", data={"token": READ_TOKEN})
        page = client.get("/studies").text
        assert "reader" in page
        csrf = csrf_of(client)["X-NAS-CSRF"]
        assert f'name="csrf" value="{csrf}"' in page
        assert client.post("/logout", data={"csrf": "another"}).status_code == 403
        assert client.get("/studies").status_code == 200
        assert client.post("/logout", data={"csrf": csrf}).headers["location"] == "/login"
        assert client.get("/api/studies").status_code == 401
        assert client.post("/logout").headers["location"] == "/login"
    told = [(row.actor, row.action, row.outcome.partition(":")[0]) for row in service.store.audit(10)]
    assert told == [
        ("reader", "logout", "done"),
        ("reader", "logout", "refused (403)"),
        ("reader", "login", "done"),
    ]


@pytest.mark.parametrize(
    "goal", ["https://evil.example.org", "//evil.example.org", "/\\evil.org", "javascript:x", "/a\r\nb"]
)
def test_nobody_is_sent_elsewhere_after_login(guarded: Service, goal: str) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={"token": READ_TOKEN, "next": goal})
    assert answer.headers["location"] == "/studies"


def test_a_login_of_many_fields_is_refused(guarded: Service) -> None:
    with guarded.stranger() as client:
        answer = client.post("/login", data={f"token{number}": "x" for number in range(11)})
    assert answer.status_code == 400
    assert "token and next" in answer.text


def test_a_stranger_learns_nothing_from_the_login_page(guarded: Service) -> None:
    with guarded.stranger() as client:
        page = client.get("/login")
        health = client.get("/health")
    assert page.status_code == 200
    assert str(guarded.path) not in page.text
    assert MAIN not in page.text
    assert set(health.json()) == {"status", "version"}


# Requests of foreign pages


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-NAS-CSRF": "0" * 64},
        {"X-NAS-CSRF": ""},
    ],
)
def test_nothing_is_done_without_the_page_s_token(service: Service, headers: dict[str, str]) -> None:
    with service.stranger() as client:
        answer = client.post(STOP, headers=headers)
    assert answer.status_code == 403


def test_the_page_s_token_is_that_of_its_own_session(guarded: Service) -> None:
    with logged_in(guarded, WRITE_TOKEN) as one, logged_in(guarded, WRITE_TOKEN) as other:
        assert one.headers["X-NAS-CSRF"] != other.headers["X-NAS-CSRF"]
        assert one.post(STOP, headers={"X-NAS-CSRF": other.headers["X-NAS-CSRF"]}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_page_does_nothing(service: Service, headers: dict[str, str]) -> None:
    with service.client() as client:
        assert client.post(STOP, headers=headers).status_code == 403
        assert client.post("/login", headers=headers).status_code == 403
        assert client.post("/api/spaces/vgg/price", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_form_does_nothing(service: Service, kind: str) -> None:
    with service.client() as client:
        answer = client.post(
            f"/api/studies/{MAIN}/notes", content=b'{"text": "x"}', headers={"Content-Type": kind}
        )
    assert answer.status_code == 400
    assert "application/json" in answer.json()["error"]["what"]


def test_changes_are_never_asked_with_get(service: Service) -> None:
    with service.client() as client:
        for path in (STOP, f"/api/studies/{MAIN}/cancel", "/logout"):
            assert client.get(path).status_code in (404, 405)


# What pages may load and show


@pytest.mark.parametrize("path", [*PAGES, "/api/studies", "/api/nope", "/static/nas.css", "/health"])
def test_every_answer_has_the_policy(service: Service, path: str) -> None:
    with service.stranger() as client:
        headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["font-src"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in policy["style-src"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_script_in_it(service: Service, path: str) -> None:
    with service.stranger() as client:
        text = client.get(path).text
    tags = Tags(text).found
    assert len(tags) > 10
    for tag, attributes in tags:
        assert tag not in ("style", "iframe", "object", "base")
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/json"
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (
            tag,
            attributes,
        )
        for name in ("src", "href", "action"):
            assert not attributes.get(name, "").lower().startswith(("http", "//", "javascript:", "data:"))


def test_markup_in_names_and_notes_is_text(service: Service) -> None:
    with service.stranger() as client:
        pages = [
            client.get("/studies"),
            client.get(f"/studies/{httpx2.URL('/').copy_with(path='/' + ODD).raw_path.decode()[1:]}"),
            client.get(f"/studies/{MAIN}"),
            client.get(f"/studies/{MAIN}/trials/9"),
            client.get(f"/studies/{MAIN}/trials/17"),
        ]
    for page in pages:
        assert page.status_code == 200, page.text[:300]
        assert "onerror=alert(1)" in page.text, page.url
        assert "<img src=x" not in page.text
        assert "<script>alert" not in page.text


# Failures and sizes


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


def test_a_note_of_ten_megabytes_is_refused(service: Service) -> None:
    with service.client() as client:
        answer = client.post(f"/api/studies/{MAIN}/notes", json={"text": "x" * 10_000_000})
    assert answer.status_code == 413
    assert answer.json()["error"]["kind"] == "TooLarge"


def test_a_body_of_unknown_length_is_counted(service: Service) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(160):
            yield b"x" * 65536

    with service.client() as client:
        answer = client.post(
            f"/api/studies/{MAIN}/notes", content=pieces(), headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"text": ' + b"[" * 100_000, "nested"),
        (b'{"text": "\\ud800"}', "half a character"),
        (b'{"text": NaN}', "NaN"),
        (b'{"text": "x", "more": 1}', "more"),
        (b"{", "JSON"),
        (b'{"text": "' + b"x" * 20_001 + b'"}', "20,000"),
        (b'{"text": "  "}', "without text"),
    ],
)
def test_a_body_that_is_none_is_refused(service: Service, body: bytes, said: str) -> None:
    with service.client() as client:
        client.headers["Content-Type"] = "application/json"
        answer = client.post(f"/api/studies/{MAIN}/notes", content=body)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]["what"]


# What is written down


def test_actions_are_written_down_and_refused_ones_too(serving: Serving) -> None:
    service = serving(read_token=READ_TOKEN, write_token=WRITE_TOKEN)
    with service.client() as writer, service.stranger(headers=bearer(READ_TOKEN)) as reader:
        writer.post(f"/api/studies/{MAIN}/notes", json={"text": "seen"})
        writer.post("/api/studies/nope/stop")
        reader.post(STOP)
        writer.get("/api/studies")
        rows = writer.get("/api/audit").json()
    told = [(row["actor"], row["action"], row["study"], row["outcome"].partition(":")[0]) for row in rows]
    assert told == [
        ("read token", "stop", MAIN, "refused (403)"),
        ("write token", "stop", "nope", "refused (404)"),
        ("write token", "note", MAIN, "done"),
    ]
    assert rows[2]["detail"] == "seen"
    assert rows[0]["address"] == "127.0.0.1"


def test_a_study_is_written_down_by_the_name_that_it_got(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serving()
    monkeypatch.setattr("nas.dashboard.api.actions.create", lambda store, asked, drivers: store.study(MAIN))
    with service.client() as client:
        made = client.post("/api/studies", json={"space": "vgg"})
        rows = client.get("/api/audit").json()
    assert (made.status_code, made.json()["name"]) == (201, MAIN)
    assert [(row["action"], row["study"], row["detail"]) for row in rows] == [("create", MAIN, "space vgg")]
