"""Celery with its SQS transport, unmodified: a worker does the tasks that were sent to it, each once, retries and delayed ones included."""

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

from celery import Celery

endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
results = os.environ["RESULTS"]

app = Celery("journey", broker=f"sqs://test:test@{endpoint.hostname}:{endpoint.port}//")
app.conf.update(
    broker_transport_options={"region": "us-east-1", "is_secure": False, "wait_time_seconds": 1, "polling_interval": 0.1},
    task_default_queue="tasks",
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)


def note(line):
    with open(results, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@app.task
def add(x, y):
    note(f"add {x + y}")


@app.task(bind=True, max_retries=2)
def stubborn(self):
    note(f"attempt {self.request.retries}")
    if self.request.retries < 2:
        raise self.retry(countdown=1)


def lines():
    try:
        with open(results, encoding="utf-8") as file:
            return sorted(file.read().split("\n")[:-1])
    except FileNotFoundError:
        return []


def journey():
    expected = sorted([f"add {i + i}" for i in range(20)] + [f"attempt {i}" for i in range(3)])
    for i in range(20):
        add.delay(i, i)
    stubborn.delay()
    worker = subprocess.Popen([sys.executable, "-B", __file__, "worker"])
    try:
        deadline = time.time() + 60
        while len(lines()) < len(expected) and time.time() < deadline:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait()
    assert lines() == expected, lines()
    print("done", len(expected))


if __name__ == "__main__":
    if "worker" in sys.argv:
        app.worker_main(["worker", "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"])
    else:
        journey()
