"""A call sent twice under one Idempotency-Key is done once."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from backend.accounts import kept_answers, services
from backend.accounts.models import Invitation, KeptAnswer, Patient, User
from backend.core.idempotency import KEPT, LEASE
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]
Clock = Callable[[datetime], None]
KEY = "d5b2a4f0-invite"


def invite(person: ApiClient, key: str = KEY, body: Any = None) -> Any:
    return person.post("invitations", {} if body is None else body, Idempotency_Key=key)


def test_the_same_call_again_gets_the_same_answer_and_is_done_once(
    api: Api, therapist: User
) -> None:
    desk = api(therapist)
    first, again = invite(desk), invite(desk)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert again["Cache-Control"] == "no-store"
    assert Invitation.objects.count() == 1


def test_another_key_and_no_key_are_other_calls(api: Api, therapist: User) -> None:
    desk = api(therapist)
    invite(desk), invite(desk, "another"), desk.post("invitations", {})
    assert Invitation.objects.count() == 3


def test_the_same_key_of_somebody_else_is_another_call(
    api: Api, therapist: User, stranger: User
) -> None:
    assert invite(api(therapist)).status_code == 201
    other = invite(api(stranger))
    assert other.status_code == 201
    assert "Idempotent-Replayed" not in other
    assert Invitation.objects.count() == 2


def test_the_same_key_with_another_body_or_path_is_refused(api: Api, therapist: User) -> None:
    desk = api(therapist)
    first = invite(desk).json()
    other = invite(desk, body={"clinic": first["clinic"]["id"]})
    elsewhere = desk.post("invitations/abc/accept", {}, Idempotency_Key=KEY)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert other.json()["retry"] == "after_fix"
    assert elsewhere.status_code == 422
    assert Invitation.objects.count() == 1


def test_a_refused_call_leaves_its_key_free(api: Api, therapist: User) -> None:
    desk = api(therapist)
    assert invite(desk, body={"surprise": 1}).status_code == 400
    assert KeptAnswer.objects.count() == 0
    assert invite(desk).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "x" * 10_000, "caf\u00e9", "tab\there"])
def test_a_key_has_a_form(api: Api, therapist: User, key: str) -> None:
    answer = invite(api(therapist), key)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_idempotency_key"
    assert Invitation.objects.count() == 0


def test_a_call_that_still_runs_is_not_begun_again(
    api: Api, therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, inner = api(therapist), []
    real = services.invite

    def slow(**arguments: Any) -> Any:
        inner.append(invite(api(therapist)))
        return real(**arguments)

    monkeypatch.setattr(services, "invite", slow)
    assert invite(desk).status_code == 201
    (refused,) = inner
    assert refused.status_code == 409
    assert refused.json()["code"] == "still_running"
    assert refused.json()["retry"] == "later"
    assert int(refused["Retry-After"]) > 0
    assert Invitation.objects.count() == 1


def test_a_call_that_was_cut_off_did_nothing_and_may_be_sent_again_later(
    api: Api, therapist: User, now: datetime, set_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = api(therapist)
    with monkeypatch.context() as broken:
        # Between the effect and its answer, as when the process is killed: nobody cleans up.
        broken.setattr(kept_answers.HeldClaim, "keep", _killed)
        broken.setattr(kept_answers.HeldClaim, "release", lambda _claim: None)
        assert invite(desk).status_code == 500
    assert Invitation.objects.count() == 0
    assert invite(desk).status_code == 409
    set_clock(now + LEASE)
    assert invite(desk).status_code == 201
    assert Invitation.objects.count() == 1


def test_who_lost_the_claim_takes_back_what_it_did(
    api: Api, therapist: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.invite

    def overtaken(**arguments: Any) -> Any:
        done = real(**arguments)
        KeptAnswer.objects.update(token="6f2c1c39-4f6b-4b6e-9d2e-0d1f5f1c9a10")
        return done

    monkeypatch.setattr(services, "invite", overtaken)
    assert invite(api(therapist)).status_code == 409
    assert Invitation.objects.count() == 0


def test_an_unexpected_error_takes_everything_back_and_frees_the_key(
    api: Api, therapist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, real = api(therapist), services.invite

    def breaking(**arguments: Any) -> Any:
        real(**arguments)
        raise LookupError

    with monkeypatch.context() as broken:
        broken.setattr(services, "invite", breaking)
        assert invite(desk).status_code == 500
    assert Invitation.objects.count() == 0
    assert invite(desk).status_code == 201


def test_a_kept_answer_cannot_be_read_without_the_key(api: Api, therapist: User) -> None:
    answer = invite(api(therapist)).json()
    row = KeptAnswer.objects.get()
    stored = bytes(row.answer or b"") + row.key_hash.encode() + row.fingerprint.encode()
    assert answer["code"].encode() not in stored
    assert KEY.encode() not in stored


def test_answers_are_kept_for_two_days(
    api: Api, therapist: User, now: datetime, set_clock: Clock
) -> None:
    desk = api(therapist)
    invite(desk), invite(desk, "another")
    set_clock(now + KEPT - timedelta(seconds=1))
    assert invite(desk)["Idempotent-Replayed"] == "true"
    assert kept_answers.prune(now + KEPT - timedelta(seconds=1)) == 0
    set_clock(now + KEPT)
    assert "Idempotent-Replayed" not in invite(desk)
    assert kept_answers.prune(now + KEPT) == 1
    assert KeptAnswer.objects.count() == 1


def test_a_key_costs_a_bounded_number_of_queries(
    api: Api, therapist: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk = api(therapist)
    with django_assert_max_num_queries(22):
        invite(desk)
    with django_assert_max_num_queries(10):
        invite(desk)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done(api: Api, therapist: User) -> None:
    clients = [api(therapist) for _ in range(6)]
    answers: list[Any] = []

    def send(client: ApiClient) -> None:
        try:
            answers.append(invite(client))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Invitation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_refused_at_once_are_refused_or_asked_to_wait(api: Api, therapist: User) -> None:
    statuses = []

    def send(client: ApiClient) -> None:
        try:
            statuses.extend(invite(client, body={"surprise": 1}).status_code for _ in range(8))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(api(therapist),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {400, 409}
    assert 400 in statuses
    assert KeptAnswer.objects.count() == 0


def _killed(*_: Any) -> bool:
    raise KeyError
