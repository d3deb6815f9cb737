"""`manage.py run` as its users and its crashes see it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.e2e.processes import ROOT, EmbeddedBroker, Product, running_product
from tests.servers import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_it_recovers_from_crashes_refuses_a_second_start_and_stops_within_ten_seconds() -> None:
    with running_product(own_broker=False, env={"STEPWISE_DEMO": "no"}) as product:
        the_welcome_is_shown(product)
        a_killed_broker_comes_back(product)
        a_killed_worker_comes_back(product)
        a_second_start_is_refused(product)
        a_taken_port_is_named(product)
        asked = time.monotonic()
        product.supervisor.send_signal(signal.SIGTERM)
        assert product.supervisor.wait(20) == 0
        assert time.monotonic() - asked < 10
        assert product.processes() == []
        assert not (product.data_dir / "supervisor.pid").exists()
        assert product.output().rstrip().endswith("Stopped.")


def test_when_the_supervisor_is_killed_nothing_of_it_is_left_after_twenty_seconds() -> None:
    with running_product(own_broker=False, env={"STEPWISE_DEMO": "no"}) as product:
        for name in ("web", "worker", "scheduler"):
            wait_for(lambda name=name: product.service(name) != [], seconds=30, what=name)  # type: ignore[misc]
        broker = product.broker.pid()
        assert broker in product.processes()
        os.kill(int((product.data_dir / "supervisor.pid").read_text()), signal.SIGKILL)
        product.supervisor.wait(5)
        wait_for(lambda: product.processes() == [], seconds=20, what="The end of all services")


def the_welcome_is_shown(product: Product) -> None:
    wait_for(lambda: "Stepwise is running" in product.output(), seconds=30, what="The welcome")
    assert f"{product.base_url}/dashboard/" in product.output()


def a_killed_broker_comes_back(product: Product) -> None:
    assert isinstance(product.broker, EmbeddedBroker)
    before = product.broker.pid()
    product.broker.kill()
    wait_for(
        lambda: "broker    | stopped (signal 9)" in product.output(), seconds=10, what="Notice"
    )
    wait_for(lambda: product.broker.pid() != before, seconds=10, what="The broker's return")


def a_killed_worker_comes_back(product: Product) -> None:
    wait_for(lambda: len(product.service("worker")) >= 5, seconds=30, what="The worker's start")
    before = set(product.service("worker"))
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(
        lambda: len(set(product.service("worker")) - before) >= 5,
        seconds=30,
        what="The worker's return",
    )
    assert before.isdisjoint(product.service("worker"))


def a_second_start_is_refused(product: Product) -> None:
    answer = try_to_start(product, {})
    assert f"Stepwise already runs on {product.data_dir}" in answer


def a_taken_port_is_named(product: Product) -> None:
    answer = try_to_start(product, {"STEPWISE_DATA": str(product.data_dir / "another")})
    assert f"Port {product.environment['PORT']} is taken" in answer


def try_to_start(product: Product, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env={**product.environment, **env},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    return done.stderr.decode()
