"""Figures that tuned libraries are known to reach: a run whose peers fall short is not believed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOLERANCE = 0.03

Shape = tuple[int, int, int]
"""Ratings, users and rated items of a whole file."""

NDCG_AT_10: Mapping[Shape, Mapping[str, float]] = MappingProxyType(
    {
        (100_000, 943, 1_682): MappingProxyType(
            {"popularity": 0.0748, "bpr": 0.0967, "bm25_knn": 0.1331, "als": 0.1357, "ease": 0.1398}
        ),
        (100_836, 610, 9_724): MappingProxyType(
            {"popularity": 0.0628, "bpr": 0.0733, "bm25_knn": 0.0887, "als": 0.0976, "ease": 0.1010}
        ),
    }
)
"""nDCG@10 of tuned libraries on MovieLens-100k and MovieLens-small (Harper and Konstan, 2015).

Protocol: ratings from 4 on, users with ten, per-user temporal 60/20/20, full ranking, likes before
the cut left out; measured once with ``implicit`` 0.7 and EASE, and written down.
"""


def falls_short(shape: Shape, peers: Mapping[str, float]) -> tuple[str, ...]:
    """Why a run is void: one line for each peer more than :data:`TOLERANCE` under its figure.

    ``peers`` maps names to nDCG@10. Empty where all come near, and for data that is not known.
    """
    return tuple(
        f"{name} reaches nDCG@10 {peers[name]:.4f}, more than {TOLERANCE:.0%} under the "
        f"{known:.4f} that it is known to reach on this data"
        for name, known in NDCG_AT_10.get(shape, {}).items()
        if name in peers and peers[name] < (1.0 - TOLERANCE) * known
    )
