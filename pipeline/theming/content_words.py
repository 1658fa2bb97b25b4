"""The words that say what a text is about: its content terms."""

import pandas as pd

from pipeline import french

CONTENT_POS = frozenset({"NOUN", "ADJ", "VERB"})


def content_terms(tokens: pd.DataFrame) -> pd.Series:
    """Return, for each token, its content term or "" : a lemma, or an acronym as written.

    Names (they would make a theme of each city) and the lemmas of `lexicons/stop_words.csv`, which
    say nothing of a subject, are left out; acronyms (CLSPD) stay.
    """
    stop = {row["lemma"] for row in french.lexicon("stop_words")}
    text, lemma = tokens["text"], tokens["lemma"]
    acronym = text.str.fullmatch(r"[A-ZÉÈ]{2,7}") & ~tokens["pos"].isin(["DET", "ADP", "PRON"])
    content = tokens["pos"].isin(CONTENT_POS) & lemma.str.fullmatch(r"[^\W\d_][\w'’-]{2,}")
    keep = content & ~lemma.isin(stop) & ~text.str.lower().isin(stop)
    return lemma.where(keep, "").mask(acronym, text)


def term_lists(ids: pd.Series, tokens: pd.DataFrame) -> list[list[str]]:
    """Return the content terms of each text of `ids` (column `row` of tokens holds the id)."""
    terms = content_terms(tokens)
    found = terms[terms != ""].groupby(tokens["row"]).agg(list).to_dict()
    return [found.get(i, []) for i in ids]
