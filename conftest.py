"""How the tests run: the profiles of Hypothesis."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run; ``pytest --hypothesis-profile=thorough`` looks for new ones.
settings.register_profile(
    "spareplace",
    derandomize=True,
    print_blob=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", settings.get_profile("spareplace"), derandomize=False, max_examples=2000
)
settings.load_profile("spareplace")
