"""Last names alone, told by their company: « selon Orvalec », « Orvalec (DGS) », a guess."""

import re
from collections.abc import Iterable, Iterator

from pipeline.masking.name_context import LONGEST, Found, Words
from pipeline.masking.name_words import Mention, acronyms, contexts, key_of, last_names, roles

_COLON = re.compile(r"\s*:\s")
# « Orvalec (DGS) », « ORVALEC (police nationale) ».
_ROLE_AFTER = re.compile(r"\s\((?P<role>[^()]{2,60})\)")
# An e-mail or a phone just after a word: the word is who it belongs to.
_CONTACT = re.compile(
    r"\s*[:,(=–-]{0,2}\s*(?:au\s+)?(?:0[\s.]?[1-9](?:[\s.-]?\d){6}|\+33|[\w.+-]+@)"
)


def quoted(words: Words) -> Iterator[Found]:
    """« selon Orvalec », « tel Orvalec 06… »: no French word, but a capital."""
    for i, token in enumerate(words.tokens):
        if words.is_unknown(i) and (opening := _ROLE_AFTER.match(words.text, token.end)):
            said = key_of(opening["role"].split()[0])
            if said in contexts("corps") | roles():
                yield words.mention(i, words.last_from(i, strong=False), first_until=i)
        # « ORVALEC : il faut… »; six letters, as acronyms are shorter.
        labels = (
            i == 0 and token.caps and len(token.text) > 5 and _COLON.match(words.text, token.end)
        )
        if labels and words.is_unknown(i):
            yield words.mention(i, i + 1, first_until=i)
        if token.caps or token.initial or not words.is_last(i, strong=False):
            continue
        quoted = words.adjacent(i) and words.key(i - 1) in contexts("dixit")
        inverted = (
            words.adjacent(i)
            and words.key(i - 1) in contexts("parole")
            and words.text[: words.tokens[i - 1].start].rstrip().endswith((",", "»"))
        )
        if quoted or inverted or _CONTACT.match(words.text, token.end):
            end = words.last_from(i, strong=False)
            yield words.mention(i, end, first_until=i)


def recognised(words: Words, spans: Iterable[tuple[int, int]]) -> Iterator[Mention]:
    """Yield the people among the spans that the language model takes for persons.

    A span is trimmed of titles and French words; words that are not French are a name, unless
    one alone follows « à », « la »… and does not speak (« Orvalec rappelle »).
    """
    for start, end in spans:
        inside = [i for i, t in enumerate(words.tokens) if start <= t.start and t.end <= end]
        whole = len(inside)
        while inside and not words.is_last(inside[0], strong=False):
            inside.pop(0)
        while inside and not words.is_last(inside[-1], strong=False):
            inside.pop()
        tokens = [words.tokens[i] for i in inside]
        if not tokens or any(t.caps for t in tokens) or len(tokens) > LONGEST:
            continue
        if not all(
            words.is_last(i, strong=False) or words.key(i) in contexts("particule") for i in inside
        ):
            continue
        if len(inside) == 1 and (whole > 1 or not _acts_as_person(words, inside[0])):
            continue
        if words.vocabulary.is_common(tokens[0].key) and len(inside) == 1:
            continue
        first = tokens[0].key if len(inside) > 1 else ""
        last = " ".join(t.key for t in (tokens[1:] if first else tokens))
        yield Mention(tokens[0].start, tokens[-1].end, first, last, sure=False)


def _acts_as_person(words: Words, i: int) -> bool:
    """Tell whether the word speaks (« Orvalec rappelle »), or follows « selon », « avec »."""
    after, before = words.key(i + 1), words.key(i - 1)
    if words.key(i) in acronyms() | contexts("mot_outil"):
        return False
    if not words.adjacent(i) or before not in contexts("avant_lieu"):
        return True
    if after in ("a", "avait", "n") and words.key(i + 2) in contexts("parole"):
        return True
    led = before in ("avec", "selon", "chez", "merci", "bonjour", "remercie", "contacter")
    return after in contexts("parole") or led or words.key(i) in last_names()
