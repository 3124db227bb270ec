# SPDX-License-Identifier: ISC
"""The older interrupt controller: events and timer come through it, too."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import Lab, tap  # noqa: E402
from midge import done, like  # noqa: E402

lab = Lab(gic=2)
lab.guest("ticker", "ticker", 'extra="3 100"')
lab.guest("threads", "threads")
lab.run()
like(lab.console("ticker"), r"^tick 3", "ticker")
like(lab.console("ticker"), r"^exit: 0", "to its end")
tap(lab, "threads")
like(lab.dmesg(), r"GICv2", "with a GIC of version 2")
done()
