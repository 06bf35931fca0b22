#!/usr/bin/env python3
"""Black-box tests of riddle-server: every endpoint, hostile traffic, reloads under load, overload and an orderly end.

    check.py [-v] [TestCase[.test]]

Needs .build/release/riddle-server (make server) and models/support-desk. Standard library only.
"""

import sys
import unittest

from chat import ChatTests  # noqa: F401
from decisions import DecisionTests  # noqa: F401
from exposure import ExposureTests  # noqa: F401
from hostile import HostileTests  # noqa: F401
from lifecycle import LifecycleTests  # noqa: F401
from page import PageTests  # noqa: F401
from schema import SchemaTests  # noqa: F401

if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())
