"""How well Palate recommends, measured through the code that serves, beside tuned peers.

:func:`retrieval.evaluation.history.evaluate_history` is the whole of it: read, split, tune and fit
the peers, build an index of what came before the cut, ask it, compare.
"""
