#!/usr/bin/env python3
"""FastStream on Redis Streams with a handler that does nothing: the peer of Benchmarks/queue.

Keeps nothing but Redis. Usage: VENV/bin/python queue_peer.py [JOBS]
"""

import asyncio
import sys
import time

import redis.asyncio as redis
from faststream import FastStream
from faststream.redis import RedisBroker, StreamSub

from stack import Stack, load

JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 5000


async def throughput(url, concurrency):
    client = redis.from_url(url)
    await client.flushall()
    broker = RedisBroker(url, logger=None)
    done = asyncio.Event()
    count = 0
    begun = {}

    options = {"max_workers": concurrency} if concurrency > 1 else {}

    @broker.subscriber(stream=StreamSub("jobs", group="workers", consumer="one", last_id=">"), **options)
    async def handle(job: dict):
        nonlocal count
        begun[job["id"]] = time.perf_counter()
        count += 1
        if count == JOBS:
            done.set()

    await client.xgroup_create("jobs", "workers", id="0", mkstream=True)
    await broker.connect()
    for start in range(0, JOBS, 50):
        await asyncio.gather(*(broker.publish({"id": i}, stream="jobs") for i in range(start, min(start + 50, JOBS))))
    start = time.perf_counter()
    await broker.start()
    try:
        await asyncio.wait_for(done.wait(), 120)
    except TimeoutError:
        pass
    seconds = time.perf_counter() - start
    print(f"FastStream, concurrency {concurrency}: {count} jobs in {seconds:.2f} s, {count / seconds:.0f} jobs/s",
          flush=True)
    if concurrency == 1:
        waits = []
        for i in range(500):
            number = JOBS + i
            sent = time.perf_counter()
            await broker.publish({"id": number}, stream="jobs")
            while number not in begun:
                await asyncio.sleep(0.0005)
            waits.append((begun[number] - sent) * 1e3)
            await asyncio.sleep(0.005)
        waits.sort()
        print(f"FastStream, enqueue to start, idle: p50 {waits[250]:.2f} ms, p99 {waits[495]:.2f} ms", flush=True)
    await broker.stop()
    await client.aclose()


with Stack() as stack:
    print(load())
    for concurrency in (1, 100):
        asyncio.run(throughput(stack.redis, concurrency))
