"""What people of similar taste like: learned from events, folded in for whoever asks.

:class:`Interactions` is the matrix that events come to; :class:`Ease`, :class:`ImplicitALS`,
:class:`ItemKnn`, :class:`Transitions` and :class:`Popularity` are scorers over it behind one
Protocol; :class:`Collaborative` holds what an index version needs of them and is what the retriever
talks to.
"""

from retrieval.collaborative.als import ImplicitALS
from retrieval.collaborative.ease import Ease
from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.knn import ItemKnn
from retrieval.collaborative.model import Collaborative
from retrieval.collaborative.popularity import Popularity
from retrieval.collaborative.scorer import Scorer
from retrieval.collaborative.transitions import Transitions

__all__ = [
    "Collaborative",
    "Ease",
    "ImplicitALS",
    "Interactions",
    "ItemKnn",
    "Popularity",
    "Scorer",
    "Transitions",
]
