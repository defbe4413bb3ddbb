"""Does the dialogue keep what it promises? Judged from what was said and what the items hold.

People are generated who know what they demand, because the demand came first and the words after
it (:mod:`tests.promises.person`, wordings in ``phrases.toml``). A ledger of their own
(:mod:`tests.promises.ledger`) says what is demanded now and what must not come back, and
:mod:`tests.promises.check` lays it on every slate. None of it uses the product's reading,
preferences, filters or queries.
"""
