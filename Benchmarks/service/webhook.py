#!/usr/bin/env python3
"""Webhook requests per second, ours beside the peers, in one run on the same servers.

Ours answers after the commit in Postgres, flushed to disk; the peers only write to Redis.
Usage: webhook.py [--seconds 5] [--python VENV/bin/python] [--connections 1,32,128,256]
"""

import argparse
import re
import subprocess
import time

from stack import ROOT, Stack, cpu_seconds, free_port, load, memory_mib, wait_for

HERE = ROOT / "Benchmarks/service"
parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=int, default=5)
parser.add_argument("--python", help="a Python with fastapi, uvicorn[standard] and redis; without it no peers")
parser.add_argument("--connections", default="1,32,128,256")
parser.add_argument("--binary", default=str(ROOT / ".build/release/speechcoach"))
parser.add_argument("--only", help="only this one")
options = parser.parse_args()
run_number = 0


def measure(name, process, port, stack, verify=None):
    global run_number
    for connections in map(int, options.connections.split(",")):
        run_number += 1
        stack.empty_redis()
        before = int(verify()) if verify else 0
        cpu = cpu_seconds(process.pid)
        text = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{options.seconds}s", "--latency", "-s",
             str(HERE / "updates.lua"), f"http://127.0.0.1:{port}/telegram/webhook", str(run_number)],
            check=True, capture_output=True, text=True).stdout
        cpu = cpu_seconds(process.pid) - cpu
        requests = int(re.search(r"(\d+) requests in", text)[1])
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        p50, p99 = (re.search(rf"^\s+{p}%\s+(\S+)", text, re.M)[1] for p in (50, 99))
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        kept = f", {int(verify()) - before} in the ledger" if verify else ""
        print(f"{name:34} {connections:4} connections  {rate:8.0f}/s  p50 {p50:>8}  p99 {p99:>8}  "
              f"{cpu / requests * 1e6:5.0f} µs CPU  {memory_mib(process.pid):5.0f} MiB  "
              f"{requests} answered{kept}{f', {bad[1]} refused' if bad else ''}", flush=True)


with Stack() as stack:
    print(load(), flush=True)
    wanted = lambda name: not options.only or options.only in name
    settings = {
        "DATABASE_URL": stack.database, "REDIS_URL": stack.redis,
        "TELEGRAM_BOT_TOKEN": "4711:bench", "TELEGRAM_WEBHOOK_SECRET": "bench-secret"}
    if wanted("speechcoach"):
        subprocess.run([options.binary, "migrate"], check=True, env={**settings, "PATH": "/usr/bin:/bin"},
                       capture_output=True)
        port = free_port()
        ours = stack.spawn([options.binary, "webhook", "--port", port], "ours", settings)
        wait_for(f"http://127.0.0.1:{port}/health/ready")
        measure("speechcoach webhook", ours, port, stack,
                lambda: stack.sql("select count(*) from voice_messages"))
        stack.end(ours)
    peers = [("FastAPI, 1 worker", "plain", 1), ("FastAPI, 2 workers", "plain", 2),
             ("hand-batched ASGI, 1 worker", "batched", 1), ("hand-batched ASGI, 2 workers", "batched", 2)]
    for name, application, workers in peers if options.python else []:
        if not wanted(name):
            continue
        port = free_port()
        peer = stack.spawn(
            [options.python, "-m", "uvicorn", f"peers:{application}", "--port", port, "--workers", workers,
             "--no-access-log", "--log-level", "warning", "--app-dir", HERE], "peer",
            {"REDIS_URL": stack.redis})
        stack.wait_port(port)
        time.sleep(1.5)
        measure(name, peer, port, stack)
        stack.end(peer)
    print(load())
