"""The block align of params.yaml: the defaults, and the methods that override some of them."""

from typing import Any

from pipeline.align.objectives import UNALIGNED

DEFAULTS = "defaults"


def over_defaults(methods: Any) -> Any:
    """Each method's block merged over the defaults, which remain as the first entry.

    So the defaults are checked too. Raises ValueError if there are none.
    """
    if not isinstance(methods, dict) or not isinstance(methods.get(DEFAULTS), dict):
        raise ValueError("must have a block defaults, and one per method")
    defaults = {"objective": UNALIGNED, **methods[DEFAULTS]}
    merged = {DEFAULTS: defaults}
    for name, changes in methods.items():
        if name != DEFAULTS:
            merged[name] = {**defaults, **changes} if isinstance(changes, dict) else changes
    return merged
