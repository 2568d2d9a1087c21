"""Shows the main job from start to end, on loopback, and ends by itself.

usage: demo.py TELEMETRY_HOST

Starts a receiver and the reference host on a new dbpath, shows what is stored, what the receiver
got and what the status says, then starts the host again to show that nothing more is sent.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pymongo

DEADLINE = 20  # seconds; nothing here takes one
WAITING, DELIVERED = "Waiting for connections", "Telemetry report delivered"
REPORTED_BEFORE = "Telemetry enabled, report already delivered"

requests = []


class Receiver(http.server.BaseHTTPRequestHandler):
    """An endpoint that keeps what it gets, and answers 200."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        requests.append(f"{self.requestline}\n{self.headers}{body}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Host:
    """The reference host; its log goes to our standard output."""

    def __init__(self, *command: str) -> None:
        print("$", " ".join(command))
        # A switch in the environment of whoever runs this would end the show before it begins.
        off = ("PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK")
        environment = {name: value for name, value in os.environ.items() if name not in off}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.timer = threading.Timer(DEADLINE, self.process.kill)
        self.timer.start()

    def wait_for(self, *messages: str) -> dict:
        """Shows the log until each of the messages has come; returns their attributes."""
        found = {}
        for line in self.process.stdout:
            print(line, end="")
            event = json.loads(line)
            found[event["msg"]] = event.get("attr", {})
            if event["msg"] == "Telemetry disabled":
                sys.exit("telemetry is switched off on this machine: there is nothing to show")
            if found.keys() >= set(messages):
                return found
        sys.exit(f"the host ended without {messages} in its log")

    def stop(self) -> None:
        self.process.terminate()
        print(self.process.stdout.read(), end="")
        if self.process.wait() != 0:
            sys.exit(f"the host ended with exit code {self.process.returncode}")
        self.timer.cancel()


def main(program: str) -> None:
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{receiver.server_port}/v1/telemetry/GenericReport"
    with tempfile.TemporaryDirectory() as dbpath:
        command = [program, "--dbpath", dbpath, "--port", "0"]
        command += ["--setParameter", f"perconaTelemetryUrl={url}"]
        print("\n=== first start of a new dbpath")
        host = Host(*command)
        port = host.wait_for(WAITING, DELIVERED)[WAITING]["port"]
        print("\n=== telemetry_uuid in the dbpath")
        print((Path(dbpath) / "telemetry_uuid").read_text(), end="")
        print("\n=== the request, as the receiver got it")
        print(requests[0])
        print("\n=== the status: db.adminCommand({getParameter: 1, perconaTelemetryStatus: 1})")
        with pymongo.MongoClient("127.0.0.1", port, directConnection=True) as client:
            answer = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
        print(json.dumps(answer["perconaTelemetryStatus"], indent=2))
        host.stop()

        print("\n=== second start of the same dbpath")
        host = Host(*command)
        host.wait_for(WAITING, REPORTED_BEFORE)
        host.stop()
    if len(requests) != 1:
        sys.exit("something was sent again")
    print("\nnothing was sent: the receiver got one request in all")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
