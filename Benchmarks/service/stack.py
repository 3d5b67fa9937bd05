"""Servers and processes of one benchmark run: started on free ports, gone at its end."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, limit=30):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.002)
    raise SystemExit(f"{url} did not answer in {limit} s")


def family(pid):
    """A process and its descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry))
    found, open_ = [], [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        open_ += children.get(one, [])
    return found


def cpu_seconds(pid):
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_mib(pid, field="VmHWM"):
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith(field):
                    total += int(line.split()[1])
    return total / 1024


class Stack:
    """A durable Postgres (every commit flushed) and a Redis that syncs every second."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="speechcoach-bench-"))
        self.processes = []
        self.postgres_port, self.redis_port = free_port(), free_port()
        binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data = self.directory / "postgres"
        data.mkdir()
        self.directory.chmod(0o755)
        drop = []
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
            drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run(
            [*drop, binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL)
        self.spawn([*drop, binaries / "postgres", "-D", data, "-p", self.postgres_port,
                    "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}",
                    "-c", "shared_buffers=128MB", "-c", "jit=off"], "postgres")
        redis = self.directory / "redis"
        redis.mkdir()
        self.spawn(["redis-server", "--port", self.redis_port, "--bind", "127.0.0.1", "--dir", redis,
                    "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""], "redis")
        self.database = f"postgresql://postgres@127.0.0.1:{self.postgres_port}/postgres"
        self.redis = f"redis://127.0.0.1:{self.redis_port}"
        for port in (self.postgres_port, self.redis_port):
            self.wait_port(port)
        end = time.monotonic() + 30
        while subprocess.run(["psql", "-qAt", self.database, "-c", "select 1"], capture_output=True).returncode:
            if time.monotonic() > end:
                raise SystemExit("Postgres did not start")
            time.sleep(0.1)

    @staticmethod
    def wait_port(port):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        raise SystemExit(f"nothing listens on {port}")

    def spawn(self, arguments, name, environment=None):
        log = open(self.directory / f"{name}.log", "ab")
        process = subprocess.Popen(
            [str(a) for a in arguments], stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, **(environment or {})})
        self.processes.append(process)
        return process

    def end(self, process):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def sql(self, text):
        return subprocess.run(["psql", "-qAt", self.database, "-c", text], check=True, capture_output=True,
                              text=True).stdout.strip()

    def empty_redis(self):
        subprocess.run(["redis-cli", "-p", str(self.redis_port), "flushall"], check=True, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.end(process)
        shutil.rmtree(self.directory, ignore_errors=True)


def load():
    return "load average %.1f on %d cores" % (os.getloadavg()[0], os.cpu_count())
