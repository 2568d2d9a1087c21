"""Shows the main job from start to end, on loopback, and ends by itself.

usage: demo.py TELEMETRY_HOST

Starts a receiver and the reference host on a new dbpath, shows what is stored, what the receiver
got and what the status says, then starts the host again to show that nothing more is sent.
"""

import http.server
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pymongo

DEADLINE = 20  # seconds; nothing here takes one


class Receiver(http.server.ThreadingHTTPServer):
    """An endpoint that answers 200 and keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/telemetry/GenericReport"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        head = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
        self.server.requests.put(f"{self.requestline}\n{head}\n{body}")

    def log_message(self, *_: object) -> None:
        pass


class Host:
    """The reference host; its log goes to our standard output."""

    def __init__(self, program: str, dbpath: str, url: str) -> None:
        command = [program, "--dbpath", dbpath, "--port", "0"]
        command += ["--setParameter", f"perconaTelemetryUrl={url}"]
        print("$", " ".join(command))
        # A switch in the environment of whoever runs this would end the show before it begins.
        off = ("PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK")
        environment = {name: value for name, value in os.environ.items() if name not in off}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.timer = threading.Timer(DEADLINE, self.process.kill)
        self.timer.start()

    def wait_for(self, *messages: str) -> list[dict]:
        """Shows the log until each of the messages has come; returns their attributes."""
        found: dict[str, dict] = {}
        for line in self.process.stdout:
            event = shown(line)
            found[event["msg"]] = event.get("attr", {})
            if event["msg"] == "Telemetry disabled":
                sys.exit("telemetry is switched off on this machine: there is nothing to show")
            if found.keys() >= set(messages):
                return [found[message] for message in messages]
        sys.exit(f"the host ended without {messages} in its log")

    def status(self, port: int) -> dict:
        with pymongo.MongoClient("127.0.0.1", port, directConnection=True) as client:
            answer = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
        return answer["perconaTelemetryStatus"]

    def stop(self) -> None:
        self.process.terminate()
        for line in self.process.stdout:
            shown(line)
        if self.process.wait() != 0:
            sys.exit(f"the host ended with exit code {self.process.returncode}")
        self.timer.cancel()


def shown(line: str) -> dict:
    """Shows a line of the log, and returns what it says."""
    print(line, end="")
    return json.loads(line)


def title(text: str) -> None:
    print(f"\n=== {text}")


def main(program: str) -> None:
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as dbpath:
        title("first start of a new dbpath")
        host = Host(program, dbpath, receiver.url)
        listening, _ = host.wait_for(
            "Waiting for connections", "Telemetry report delivered"
        )

        title("telemetry_uuid in the dbpath")
        print((Path(dbpath) / "telemetry_uuid").read_text(), end="")
        title("the request, as the receiver got it")
        print(receiver.requests.get(timeout=DEADLINE))
        title('the status: db.adminCommand({getParameter: 1, perconaTelemetryStatus: 1})')
        print(json.dumps(host.status(listening["port"]), indent=2))
        host.stop()

        title("second start of the same dbpath")
        host = Host(program, dbpath, receiver.url)
        host.wait_for("Waiting for connections", "Telemetry enabled, report already delivered")
        host.stop()
        if not receiver.requests.empty():
            sys.exit("something was sent again")
        print("\nnothing was sent: the receiver got one request in all")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
