"""Random numbers for kernels, the same whether they are compiled or not.

NumPy's generators draw whole numbers by way of arrays, which kernels may not make.
"""

from __future__ import annotations

from spareplace.search.compiled.board import ONE, OTHER, Board
from spareplace.search.compiled.jit import kernel

MODULUS, OTHER_MODULUS = 2_147_483_563, 2_147_483_399
FACTOR, OTHER_FACTOR = 40_014, 40_692
"""L'Ecuyer, "Efficient and portable combined random number generators", CACM 31 (1988): a period of
2.3 x 10^18, in numbers that never pass 2^47."""


@kernel
def draw(board: Board) -> float:
    """Draw a number from 0 to below 1."""
    board.counts[ONE] = FACTOR * board.counts[ONE] % MODULUS
    board.counts[OTHER] = OTHER_FACTOR * board.counts[OTHER] % OTHER_MODULUS
    mixed = (board.counts[ONE] - board.counts[OTHER]) % (MODULUS - 1)
    return float(mixed / MODULUS)


@kernel
def below(board: Board, bound: int) -> int:
    """Draw a whole number from 0 to below a bound."""
    return int(draw(board) * bound)
