"""The executor ends at once when Flower gives up its task."""

import signal
import subprocess
import sys
import time

STUCK = """
import threading
from fedtranslate.federation.flower.executor import end_at_once

end_at_once()
threading.Thread(target=threading.Event().wait).start()
print("stuck", flush=True)
lock = threading.Lock()
lock.acquire()
lock.acquire()
"""


def test_a_process_that_waits_for_ever_with_threads_that_do_ends_at_the_signal() -> None:
    process = subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"stuck\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 1
    process.stdout.close()
