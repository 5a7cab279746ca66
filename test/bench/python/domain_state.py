"""Asks a libvirtd for its domains' states with python3-libvirt, as often and as many at a time as it is told.

Takes the URI as its argument, then orders from standard input, one "CONCURRENCY CALLS" a line, and answers each with
a line: calls per second. One thread for each call at a time, all of them on one connection.
"""

import sys
import threading
import time

import libvirt


def rate(domains, concurrency, calls):
    def ask(first):
        for index in range(first, calls, concurrency):
            domains[index % len(domains)].state()

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(concurrency)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return calls / (time.perf_counter() - started)


domains = libvirt.open(sys.argv[1]).listAllDomains()
for line in sys.stdin:
    print(rate(domains, *map(int, line.split())), flush=True)
