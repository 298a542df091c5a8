"""The list of scenarios; a scenario is a function that takes a Lab."""

import importlib
from collections import namedtuple

Scenario = namedtuple("Scenario", "name function seconds")
MODULES = ("plain_clients", "operating", "sessions", "local_sessions", "faults", "observers_of_apache",
           "mixed_ensembles", "bad_input", "disk", "load_generator", "comparing")
known = {}


def scenario(seconds=90):
    """Registers a function under its own name. `seconds` bounds the whole run, clean-up included."""
    def register(function):
        known[function.__name__] = Scenario(function.__name__, function, seconds)
        return function
    return register


def load():
    """All scenarios by name, in the order in which they run."""
    for module in MODULES:
        importlib.import_module(f"scenarios.{module}")
    return known
