"""Rotation against real servers: every step, every repetition, every refusal, and no secret told."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any, ClassVar

import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.functions import rotation
from mainstay.functions.database import LoginRefused, StatementRefused
from mainstay.functions.dialects import DIALECTS
from mainstay.functions.postgres.connection import PostgresDatabase
from mainstay.functions.trust import tls_context
from mainstay.sandbox.state import State

STEPS = tuple(rotation.STEPS)


def test_the_steps_are_those_of_the_contract_in_their_order() -> None:
    assert STEPS == ("createSecret", "setSecret", "testSecret", "finishSecret")


def test_a_password_is_rotated_twice(server: Any, aws: Any, secret: str, user: tuple[str, str]) -> None:
    name, first = user
    aws.rotate(secret)
    second = aws.value(secret)
    assert second["password"] != first
    assert {**second, "password": ""} == {**aws.value(secret, "AWSPREVIOUS"), "password": ""}
    assert server.admits(name, second["password"])
    assert not server.admits(name, first)
    aws.rotate(secret)
    assert server.admits(name, aws.value(secret)["password"])
    assert not server.admits(name, second["password"])


@pytest.mark.parametrize("reached", range(1, 5))
def test_a_rotation_that_was_cut_short_is_resumed(
    server: Any, aws: Any, secret: str, user: tuple[str, str], reached: int
) -> None:
    """Secrets Manager begins again at the first step, with the same version."""
    token = aws.rotate(secret, steps=STEPS[:reached])
    pending = aws.value(secret, "AWSCURRENT" if reached == 4 else "AWSPENDING")
    aws.rotate(secret, token)
    assert aws.value(secret) == pending
    assert server.admits(user[0], pending["password"])


def test_every_step_may_be_called_twice(server: Any, aws: Any, secret: str, user: tuple[str, str]) -> None:
    aws.rotate(secret, steps=[step for step in STEPS for _ in range(2)])
    assert server.admits(user[0], aws.value(secret)["password"])


def test_nothing_that_was_said_holds_a_secret(
    aws: Any, secret: str, user: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws.rotate(secret)
    told = capsys.readouterr()
    assert secret in told.out
    for password in (user[1], aws.value(secret)["password"]):
        assert password not in told.out + told.err


def test_a_current_password_that_is_out_is_replaced_by_way_of_the_previous_one(
    server: Any, aws: Any, secret: str, user: tuple[str, str]
) -> None:
    """Somebody wrote a new value that the database never saw; the one before it still works there."""
    stray = {**aws.value(secret), "password": "never-set-anywhere-7"}
    aws.service.put_secret_value(SecretId=secret, SecretString=json.dumps(stray))
    aws.rotate(secret)
    assert server.admits(user[0], aws.value(secret)["password"])


def test_a_change_that_the_server_refuses_tells_its_code_and_nothing_of_the_statement(
    server: Any, user: tuple[str, str]
) -> None:
    with closing(DIALECTS[server.engine].connect(server.login(*user), tls_context())) as database:
        with pytest.raises(StatementRefused) as caught:
            database.execute("CREATE USER somebody PASSWORD IDENTIFIED BY 'sesame-open-1'")
        assert caught.value.code in ("42601", "1064")
        assert "sesame" not in str(caught.value)
        assert caught.value.__suppress_context__


@pytest.mark.parametrize("previous", [None, {"username": "somebody-else", "password": "x"}])
def test_without_a_password_that_works_the_rotation_stops(
    server: Any, aws: Any, document: Any, user: tuple[str, str], previous: dict[str, str] | None
) -> None:
    wrong = document(server, user[0], "wrong-password-1")
    secret = aws.put(wrong if previous is None else {**wrong, **previous})
    if previous is not None:
        aws.service.put_secret_value(SecretId=secret, SecretString=json.dumps(wrong))
    with pytest.raises(LoginRefused) as caught:
        aws.rotate(secret)
    assert user[0] in caught.value.detail
    assert "wrong-password-1" not in str(caught.value)
    assert server.admits(*user)


def test_a_password_that_was_not_set_fails_the_test_step(aws: Any, secret: str) -> None:
    with pytest.raises(LoginRefused):
        aws.rotate(secret, steps=("createSecret", "testSecret"))


def test_a_password_may_hold_whatever_the_server_takes(
    server: Any, aws: Any, secret: str, user: tuple[str, str]
) -> None:
    """Quotes, backslashes, percent signs and braces reach the server as they are."""
    token = aws.begin(secret)
    awkward = "a'b\"c\\d%s%%{e}$1;--`#ü"
    pending = {**aws.value(secret), "password": awkward}
    aws.service.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(pending), VersionStages=["AWSPENDING"]
    )
    aws.rotate(secret, token)
    assert server.admits(user[0], awkward)


def test_a_schedule_that_begins_later_is_tried_with_the_current_login(
    server: Any, aws: Any, document: Any, secret: str, user: tuple[str, str]
) -> None:
    """Secrets Manager then calls the third step alone, for a version without a value."""
    aws.rotate(secret, steps=["testSecret"])
    wrong = aws.put(document(server, user[0], "wrong-password-1"))
    with pytest.raises(LoginRefused):
        aws.rotate(wrong, steps=["testSecret"])


def test_length_and_excluded_characters_are_honoured(aws: Any, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_PASSWORD_LENGTH", "41")
    monkeypatch.setenv("MAINSTAY_EXCLUDED_CHARACTERS", "abcdefghijklmnopqrstuvwxyz0123456789")
    aws.rotate(secret, steps=STEPS[:1])
    password = aws.value(secret, "AWSPENDING")["password"]
    assert len(password) == 41
    assert not any(character.islower() or character.isdigit() for character in password)


def test_a_password_has_no_character_that_rds_refuses(aws: Any, secret: str) -> None:
    aws.rotate(secret, steps=STEPS[:1])
    password = aws.value(secret, "AWSPENDING")["password"]
    assert len(password) == rotation.LENGTH
    assert not set(password) & set("/@\"' ")


@pytest.mark.parametrize(("length", "engines"), [(16, 2), (41, 2), (42, 1), (128, 1)])
def test_the_longest_password_is_the_engine_s(
    server: Any, aws: Any, secret: str, monkeypatch: pytest.MonkeyPatch, length: int, engines: int
) -> None:
    """RDS gives a master user of MySQL and MariaDB 41 characters, one of PostgreSQL 128."""
    monkeypatch.setenv("MAINSTAY_PASSWORD_LENGTH", str(length))
    if engines == 2 or server.engine == "postgres":
        aws.rotate(secret)
        assert len(aws.value(secret)["password"]) == length
    else:
        with pytest.raises(InputRefused, match="out of bounds"):
            aws.rotate(secret)


@pytest.mark.parametrize("length", ["15", "129", "many", "-1"])
def test_a_length_out_of_bounds_is_refused(aws: Any, secret: str, monkeypatch: pytest.MonkeyPatch, length: str) -> None:
    monkeypatch.setenv("MAINSTAY_PASSWORD_LENGTH", length)
    with pytest.raises(InputRefused, match="out of bounds") as caught:
        aws.rotate(secret)
    assert length in caught.value.detail


class TestPostgres:
    """What only PostgreSQL has."""

    def test_the_server_is_given_a_verifier_and_never_the_password(
        self, postgres: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(postgres.ca_bundle))
        said: list[str] = []
        run = PostgresDatabase.execute

        def listening(database: PostgresDatabase, statement: str) -> None:
            said.append(statement)
            run(database, statement)

        monkeypatch.setattr(PostgresDatabase, "execute", listening)
        postgres.new_user("verified", "first-password-1")
        secret = aws.put(document(postgres, "verified", "first-password-1"))
        aws.rotate(secret)
        assert [statement for statement in said if "PASSWORD 'SCRAM-SHA-256$4096:" in statement]
        assert not [statement for statement in said if aws.value(secret)["password"] in statement]

    def test_a_server_that_stores_md5_gets_the_password_itself(
        self, postgres: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(postgres.ca_bundle))
        postgres.new_user("old_style", "first-password-1")
        postgres.run("ALTER ROLE old_style SET password_encryption = 'md5'")
        secret = aws.put(document(postgres, "old_style", "first-password-1"))
        aws.rotate(secret, steps=STEPS[:2])
        # The sandbox's servers admit SCRAM verifiers only, so the MD5 that was stored now keeps the user out.
        assert not postgres.admits("old_style", "first-password-1")

    def test_the_second_user_has_the_settings_of_the_first(
        self, postgres: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MAINSTAY_CA_BUNDLE", str(postgres.ca_bundle))
        monkeypatch.setenv("MAINSTAY_ROTATION_STRATEGY", "alternating-users")
        monkeypatch.setenv("MAINSTAY_SUPERUSER_SECRET", aws.put(document(postgres, "master", "correct-horse-battery")))
        postgres.new_user("settled", "first-password-1")
        postgres.run(
            """ALTER ROLE settled SET search_path TO "$user", 'odd, one', public""",
            "ALTER ROLE settled SET DateStyle TO 'SQL, DMY'",
            "ALTER ROLE settled IN DATABASE shop SET application_name TO 'it''s'",
            "ALTER ROLE settled SET role TO settled",
        )
        secret = aws.put(document(postgres, "settled", "first-password-1"))
        names = ("search_path", "DateStyle", "application_name")
        ask = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
        expected = postgres.run(ask, user="settled", password="first-password-1")
        aws.rotate(secret)
        second = aws.value(secret)
        assert second["username"] == "settled_clone"
        assert postgres.run(ask, user="settled_clone", password=second["password"]) == expected
        assert expected == [('"$user", "odd, one", public', "SQL, DMY", "it's")]


class TestAlternating:
    """Two users take turns; the one that applications use now is never touched."""

    @pytest.fixture(autouse=True)
    def _strategy(self, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        del aws  # which clears the settings first
        monkeypatch.setenv("MAINSTAY_ROTATION_STRATEGY", "alternating-users")

    @pytest.fixture
    def superuser(self, server: Any, aws: Any, monkeypatch: pytest.MonkeyPatch) -> str:
        """As RDS manages it: a user and a password, nothing else."""
        arn: str = aws.put({"username": "master", "password": "correct-horse-battery"})
        monkeypatch.setenv("MAINSTAY_SUPERUSER_SECRET", arn)
        return arn

    @pytest.mark.usefixtures("superuser")
    def test_the_users_take_turns(self, server: Any, aws: Any, secret: str, user: tuple[str, str]) -> None:
        name, first = user
        aws.rotate(secret)
        second = aws.value(secret)
        assert second["username"] == f"{name}_clone"
        assert server.admits(name, first)
        assert server.admits(second["username"], second["password"])
        aws.rotate(secret)
        third = aws.value(secret)
        assert third["username"] == name
        assert server.admits(name, third["password"])
        assert not server.admits(name, first)
        assert server.admits(second["username"], second["password"])
        aws.rotate(secret)
        assert aws.value(secret)["username"] == f"{name}_clone"
        assert not server.admits(second["username"], second["password"])

    @pytest.mark.usefixtures("superuser")
    @pytest.mark.parametrize("reached", [1, 2, 3])
    def test_a_rotation_that_was_cut_short_is_resumed(
        self, server: Any, aws: Any, secret: str, user: tuple[str, str], reached: int
    ) -> None:
        token = aws.rotate(secret, steps=STEPS[:reached])
        aws.rotate(secret, token)
        assert server.admits(f"{user[0]}_clone", aws.value(secret)["password"])
        assert server.admits(*user)

    @pytest.mark.usefixtures("superuser")
    def test_the_second_user_can_do_what_the_first_can_and_what_it_makes_belongs_to_both(
        self, server: Any, aws: Any, secret: str, user: tuple[str, str]
    ) -> None:
        name, password = user
        if server.engine == "postgres":
            server.run(f"CREATE SCHEMA s_{name}", f"GRANT ALL ON SCHEMA s_{name} TO {name}")
        table = f"s_{name}.orders" if server.engine == "postgres" else f"orders_{name}"
        server.run(f"CREATE TABLE {table} (id integer)", user=name, password=password)
        aws.rotate(secret)
        second = aws.value(secret)
        login = {"user": second["username"], "password": second["password"]}
        server.run(f"INSERT INTO {table} VALUES (1)", f"CREATE TABLE {table}_2 (id integer)", **login)
        server.run(
            f"INSERT INTO {table}_2 VALUES (2)", f"ALTER TABLE {table}_2 ADD c integer", user=name, password=password
        )
        assert [row[0] for row in server.run(f"SELECT id FROM {table}", user=name, password=password)] == [1]

    def test_a_superuser_may_be_named_in_the_secret(
        self, server: Any, aws: Any, document: Any, user: tuple[str, str]
    ) -> None:
        master = aws.put(document(server, "master", "correct-horse-battery"))
        secret = aws.put({**document(server, *user), "masterarn": master})
        aws.rotate(secret)
        assert server.admits(f"{user[0]}_clone", aws.value(secret)["password"])

    def test_a_secret_that_names_a_superuser_alternates_unless_the_function_is_told_otherwise(
        self, server: Any, aws: Any, document: Any, user: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        master = aws.put(document(server, "master", "correct-horse-battery"))
        secret = aws.put({**document(server, *user), "masterarn": master})
        monkeypatch.setenv("MAINSTAY_ROTATION_STRATEGY", "single-user")
        aws.rotate(secret)
        assert aws.value(secret)["username"] == user[0]
        monkeypatch.delenv("MAINSTAY_ROTATION_STRATEGY")
        aws.rotate(secret)
        assert aws.value(secret)["username"] == f"{user[0]}_clone"

    @pytest.mark.usefixtures("superuser")
    def test_a_user_that_was_never_made_is_made_on_wish_only(
        self, server: Any, aws: Any, document: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secret = aws.put(document(server, "unmade", "first-password-1"))
        token = aws.begin(secret)
        with pytest.raises(TargetRefused, match="does not exist"):
            aws.rotate(secret, token, STEPS[:2])
        monkeypatch.setenv("MAINSTAY_MAKES_USER", "true")
        aws.rotate(secret, token)
        second = aws.value(secret)
        assert second["username"] == "unmade_clone"
        login = {"user": second["username"], "password": second["password"]}
        assert server.run("SELECT 1", **login)
        assert server.admits("unmade", "first-password-1")
        for _ in range(2):  # one that is there keeps its password: the secret may be older than it
            aws.rotate(secret)
        assert server.admits(aws.value(secret)["username"], aws.value(secret)["password"])

    def test_a_superuser_is_needed(self, aws: Any, secret: str) -> None:
        with pytest.raises(InputRefused, match="lacks a setting") as caught:
            aws.rotate(secret)
        assert "MAINSTAY_SUPERUSER_SECRET" in caught.value.detail

    def test_a_superuser_of_another_database_is_refused(
        self, server: Any, aws: Any, document: Any, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = aws.put({**document(server, "master", "correct-horse-battery"), "host": "other.example"})
        monkeypatch.setenv("MAINSTAY_SUPERUSER_SECRET", other)
        with pytest.raises(InputRefused, match="another database") as caught:
            aws.rotate(secret)
        assert "other.example" in caught.value.detail

    def test_a_superuser_secret_without_a_value_is_refused(
        self, aws: Any, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MAINSTAY_SUPERUSER_SECRET", "no-such-secret")
        with pytest.raises(InputRefused, match="superuser secret has no value"):
            aws.rotate(secret)

    @pytest.mark.usefixtures("superuser")
    def test_a_user_that_does_not_exist_cannot_be_alternated_with(self, server: Any, aws: Any, document: Any) -> None:
        secret = aws.put(document(server, "nobody_here", "some-password-1"))
        with pytest.raises(TargetRefused, match="does not exist") as caught:
            aws.rotate(secret)
        assert "nobody_here" in caught.value.detail

    @pytest.mark.parametrize("name", ["a" * 64, "with space", "quote'd"])
    def test_a_name_that_has_no_second_form_is_refused(self, server: Any, aws: Any, document: Any, name: str) -> None:
        secret = aws.put(document(server, name, "some-password-1"))
        with pytest.raises(InputRefused, match="cannot alternate"):
            aws.rotate(secret)

    @pytest.mark.usefixtures("superuser")
    def test_a_refused_change_tells_its_code_and_no_password(
        self, server: Any, aws: Any, secret: str, user: tuple[str, str]
    ) -> None:
        """The master may not touch a user that is more than it is."""
        name = user[0]
        master = aws.put({"username": name, "password": user[1]})
        token = aws.rotate(secret, steps=STEPS[:1])
        aws.service.put_secret_value(
            SecretId=secret, SecretString=json.dumps({**aws.value(secret), "masterarn": master})
        )
        with pytest.raises(StatementRefused) as caught:
            aws.rotate(secret, token, STEPS[1:])
        assert caught.value.code in ("42501", "1227", "1142", "1044")
        assert aws.value(secret, "AWSPENDING")["password"] not in str(caught.value)


class TestRefusals:
    """Events and secrets that no rotation can begin with. No server is asked."""

    DOCUMENT: ClassVar[dict[str, Any]] = {
        "username": "app",
        "password": "sesame-open-1",
        "engine": "postgres",
        "host": "127.0.0.1",
        "port": 1,
    }

    @pytest.mark.parametrize("missing", ["SecretId", "ClientRequestToken", "Step"])
    def test_an_event_that_lacks_a_member(self, aws: Any, missing: str) -> None:
        event = {"SecretId": "s", "ClientRequestToken": "t", "Step": "createSecret"}
        with pytest.raises(InputRefused, match="not a rotation event") as caught:
            rotation.handler({name: value for name, value in event.items() if name != missing}, None)
        assert missing in caught.value.detail

    def test_an_unknown_step(self, aws: Any) -> None:
        with pytest.raises(InputRefused, match="unknown rotation step") as caught:
            aws.rotate(aws.put(self.DOCUMENT), steps=["dropSecret"])
        assert "setSecret" in caught.value.hint

    def test_an_unknown_strategy(self, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MAINSTAY_ROTATION_STRATEGY", "three-users")
        with pytest.raises(InputRefused, match="unknown rotation strategy"):
            aws.rotate(aws.put(self.DOCUMENT))

    def test_a_version_that_does_not_exist(self, aws: Any) -> None:
        with pytest.raises(InputRefused, match="version does not exist"):
            aws.rotate(aws.put(self.DOCUMENT), token="f" * 36)

    def test_a_version_whose_rotation_was_overtaken(self, aws: Any) -> None:
        secret = aws.put(self.DOCUMENT)
        token = aws.rotate(secret, steps=("createSecret", "finishSecret"))
        aws.rotate(secret, steps=("createSecret", "finishSecret"))
        with pytest.raises(InputRefused, match="not pending"):
            aws.rotate(secret, token)

    def test_a_secret_that_does_not_rotate(self, aws: Any, box: Any) -> None:
        secret = aws.put(self.DOCUMENT)
        token = aws.begin(secret)
        state = State(box)
        with state.transaction("eu-central-1") as tx:
            record = next(each for each in tx.all("secrets:secret") if each["ARN"] == secret)
            tx.put("secrets:secret", record["Name"], {**record, "RotationEnabled": False})
        state.close()
        with pytest.raises(InputRefused, match="does not rotate"):
            aws.rotate(secret, token)

    def test_a_secret_that_does_not_exist(self, aws: Any) -> None:
        with pytest.raises(TargetRefused, match="aws refused a call") as caught:
            aws.rotate("no-such-secret", token="t" * 36)
        assert "ResourceNotFoundException" in caught.value.detail

    @pytest.mark.parametrize("member", ["username", "password", "engine", "host"])
    def test_a_secret_that_lacks_a_member(self, aws: Any, member: str) -> None:
        secret = aws.put({name: value for name, value in self.DOCUMENT.items() if name != member})
        with pytest.raises(InputRefused, match="secret lacks members") as caught:
            aws.rotate(secret)
        assert member in caught.value.detail
        assert ("SecretTargetAttachment" in caught.value.hint) == (member in ("engine", "host"))
        assert "sesame" not in str(caught.value)

    @pytest.mark.parametrize("text", ["sesame-open-1", '["sesame-open-1"]'])
    def test_a_secret_that_is_no_object(self, aws: Any, text: str) -> None:
        with pytest.raises(InputRefused, match="not a login") as caught:
            aws.rotate(aws.put(text))
        assert "sesame" not in str(caught.value)

    def test_an_unknown_engine(self, aws: Any) -> None:
        with pytest.raises(InputRefused, match="unknown engine") as caught:
            aws.rotate(aws.put({**self.DOCUMENT, "engine": "oracle-ee"}))
        assert "oracle-ee" in caught.value.detail

    @pytest.mark.parametrize("port", ["x", 0, 65536, -1])
    def test_a_port_that_is_none(self, aws: Any, port: object) -> None:
        with pytest.raises(InputRefused, match="port is not a port"):
            aws.rotate(aws.put({**self.DOCUMENT, "port": port}))

    @pytest.mark.parametrize(
        "change", [{"host": "elsewhere.example"}, {"username": "postgres"}, {"engine": "mysql"}, {"port": 2}]
    )
    def test_a_pending_value_for_somebody_else(self, aws: Any, change: dict[str, Any]) -> None:
        secret = aws.put(self.DOCUMENT)
        token = aws.begin(secret)
        pending = {**self.DOCUMENT, "password": "pending-password-1", **change}
        aws.service.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=json.dumps(pending), VersionStages=["AWSPENDING"]
        )
        with pytest.raises(InputRefused, match="somebody else") as caught:
            aws.rotate(secret, token)
        assert "pending-password-1" not in str(caught.value)

    @pytest.mark.parametrize("step", ["setSecret", "finishSecret"])
    def test_a_step_without_a_pending_value(self, aws: Any, step: str) -> None:
        secret = aws.put(self.DOCUMENT)
        with pytest.raises(InputRefused, match="no value at this stage"):
            aws.rotate(secret, steps=[step])
