"""What holds for cancel on disconnect; a module of its own, as reading the config loads no more."""

from typing import Final

LEAST_S: Final = 10
"""A shorter time without a sign of life would fire at a breath of the network, seconds."""
