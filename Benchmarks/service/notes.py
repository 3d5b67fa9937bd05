#!/usr/bin/env python3
"""The whole path of a note, with a recogniser and a model that answer after a fixed delay.

Time added to the providers' own, CPU and memory per note, 150 notes in one second, a sustained rate, cold start of
each role, and CPU when idle. Usage: notes.py [--binary PATH] [--speech MS] [--model MS] [--notes N]
"""

import argparse
import json
import subprocess
import time

from stack import ROOT, Stack, cpu_seconds, free_port, load, memory_mib, wait_for

parser = argparse.ArgumentParser()
parser.add_argument("--binary", default=str(ROOT / ".build/release/speechcoach"))
parser.add_argument("--world", default=str(ROOT / "Benchmarks/notes/.build/release/note-world"))
parser.add_argument("--note", default=str(ROOT / "Samples/voice-note.ogg"))
parser.add_argument("--speech", type=int, default=300)
parser.add_argument("--model", type=int, default=800)
parser.add_argument("--notes", type=int, default=40)
parser.add_argument("--burst", type=int, default=150)
parser.add_argument("--rate", type=float, default=5, help="notes per second, for twenty seconds")
options = parser.parse_args()


def quantile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


with Stack() as stack:
    print(load(), flush=True)
    world = subprocess.Popen([options.world, str(options.speech), str(options.model), options.note],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    addresses = json.loads(world.stdout.readline())

    def ask(command):
        world.stdin.write(command + "\n")
        world.stdin.flush()
        return sorted(json.loads(world.stdout.readline()))

    settings = {
        "DATABASE_URL": stack.database, "REDIS_URL": stack.redis, "TELEGRAM_BOT_TOKEN": "4711:bench",
        "TELEGRAM_WEBHOOK_SECRET": "bench-secret", "TELEGRAM_API_URL": addresses["telegram"],
        "OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": addresses["openai"], "OPENAI_STT_MODEL": "whisper-1",
        "OPENAI_LLM_MODEL": "gpt-6-luna", "STT_PROVIDERS": "openai,pocketsphinx", "LLM_PROVIDERS": "openai,rules"}
    subprocess.run([options.binary, "migrate"], check=True, capture_output=True,
                   env={**settings, "PATH": "/usr/bin:/bin"})

    for role in ("webhook", "audio-worker", "feedback-worker"):
        starts = []
        for _ in range(3):
            port = free_port()
            begun = time.monotonic()
            process = stack.spawn([options.binary, role, "--port" if role == "webhook" else "--concurrency",
                                   port if role == "webhook" else 8], role, {**settings, "PORT": str(port)})
            wait_for(f"http://127.0.0.1:{port}/health/ready")
            starts.append(time.monotonic() - begun)
            if len(starts) < 3:
                stack.end(process)
        time.sleep(3)
        cpu, begun = cpu_seconds(process.pid), time.monotonic()
        time.sleep(10)
        idle = (cpu_seconds(process.pid) - cpu) / (time.monotonic() - begun) * 1e3
        print(f"{role}: ready after {min(starts) * 1e3:.0f} ms (best of three), idle {idle:.1f} ms of CPU a second, "
              f"{memory_mib(process.pid, 'VmRSS'):.0f} MiB", flush=True)
        stack.end(process)

    port = free_port()
    ours = stack.spawn([options.binary, "up"], "up",
                       {**settings, "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"})
    wait_for(f"http://127.0.0.1:{port}/health/ready")
    delay = (options.speech + options.model) / 1e3
    ask("one 3")

    def report(name, count, command):
        cpu = cpu_seconds(ours.pid)
        begun = time.monotonic()
        taken = ask(command)
        seconds = time.monotonic() - begun
        cpu = cpu_seconds(ours.pid) - cpu
        print(f"{name}: {len(taken)} of {count} answered; sending to final edit p50 {quantile(taken, .5):.3f} s, "
              f"p99 {quantile(taken, .99):.3f} s (providers {delay:.1f} s); {cpu / count * 1e3:.0f} ms of CPU a note, "
              f"peak {memory_mib(ours.pid):.0f} MiB; {len(taken) / seconds * 60:.0f} notes a minute", flush=True)
        return taken

    one = report("one at a time", options.notes, f"one {options.notes}")
    print(f"added to the providers' own time: p50 {(quantile(one, .5) - delay) * 1e3:.0f} ms, "
          f"p99 {(quantile(one, .99) - delay) * 1e3:.0f} ms", flush=True)
    report(f"{options.burst} in one second", options.burst, f"rate {options.burst} 1")
    total = int(options.rate * 20)
    report(f"{options.rate:g} a second for 20 s", total, f"rate {total} 20")
    print("stages: " + stack.sql(
        "select string_agg(stage || ' ' || state || ' ' || n, ', ') from "
        "(select stage, state, count(*) n from jobs group by 1, 2 order by 1, 2) s"))
    world.stdin.close()
    world.wait(20)
    stack.end(ours)
    print(load())
