"""People named by a first name or an initial: « Claire Dupont », « J. Dupont », « avec Karim »."""

import re
from collections.abc import Iterator

from pipeline.masking.attendance import follows_label
from pipeline.masking.name_context import VOWEL, Found, Words
from pipeline.masking.name_words import (
    Mention,
    acronyms,
    contexts,
    first_names,
    is_first_name,
    last_names,
    names_that_are_words,
    roles,
    small_towns,
    speaks,
    titles,
)

# Where a town is: « , dans la Somme », « (80) ».
_LOCATED = re.compile(
    r",\s(?:dans\s|en\s[A-ZÀ-Þ]|près\sd)|\s\((?:\d{2,3}|2[AB]|[A-ZÀ-Þ][a-zà-ÿ-]+)\)"
)
# What stands after a name alone on its line: « – CCAS », « (mairie) », « ; », the end.
_CLOSES_NAME = re.compile(r"\s*(?:[-–—(,;:|/]|$)", re.MULTILINE)


def full_names(words: Words) -> Iterator[Found]:
    """« Claire Orvalec », « ORVALEC Claire », « karim orvalec », « Nora B. »."""
    for i, token in enumerate(words.tokens):
        if words.is_first(i):
            yield from _after_first(words, i)
        elif (
            token.caps
            and words.adjacent(i + 1)
            and words.is_first(i + 1)
            and not words.tokens[i + 1].caps
            and (words.is_last(i, strong=True) or _is_short_last(words, i))
        ):
            yield from _before_first(words, i)
        elif token.capital and words.opens_line(i):
            rule = _listed_before_first if token.caps else _known_before_first
            yield from rule(words, i)
        elif token.text.islower() and words.adjacent(i + 1) and is_first_name(token.key):
            yield from _in_lower_case(words, i)


def _in_lower_case(words: Words, i: int) -> Iterator[Found]:
    """« karim orvalec », « fatou d. », « madeleine oger »: a word is a first name before a name."""
    following = words.tokens[i + 1]
    if following.text.endswith(".") and _lower_first(words, i):
        yield words.mention(i, i + 2, first_until=i + 1)
    elif following.text.islower() and words.can_be_lower(i + 1) and i not in words.places:
        common = words.vocabulary.is_common(following.key)
        if (_lower_first(words, i) and (not common or following.key in last_names())) or (
            len(words.tokens[i].key) > 3
            and len(following.key) > 3
            and not common
            and not words.follows_article(i)
        ):
            yield words.mention(i, i + 2, first_until=i + 1)


def _is_short_last(words: Words, i: int) -> bool:
    """Tell whether two capitals before a first name are a name: « LY Awa – CCAS »."""
    token = words.tokens[i]
    never = acronyms() | titles() | roles()
    never = never.union(*map(contexts, ("mot_outil", "article", "attribut", "parole")))
    named = len(token.text) == 2 and VOWEL.search(token.key) and token.key not in never
    closed = _CLOSES_NAME.match(words.text, words.tokens[i + 1].end)
    return bool(named and closed) and words.opens_line(i) and words.unambiguous(i + 1)


def _listed_before_first(words: Words, i: int) -> Iterator[Found]:
    """« NGUYEN Thi Mai – CCAS », « POTIER J.-M. (DDSP) »: capitals, then a name we do not know."""
    end = i + 1
    while words.adjacent(end) and words.tokens[end].caps and words.is_last(end, strong=True):
        end += 1
    first = end
    body = i  # « VAN DEN ORVALEC »: after the particles, « DE LA » and the like
    while body < first - 1 and words.key(body) in contexts("particule"):
        body += 1
    if not all(words.is_last(j, strong=False) for j in range(body, first)):
        return
    while words.adjacent(end) and end < first + 3 and _may_be_first(words, end):
        end += 1 + (words.key(end) == "thi" and words.adjacent(end + 1))
    if end > first and _CLOSES_NAME.match(words.text, words.tokens[end - 1].end):
        start, stop, found = words.mention(i, end, first_until=first)
        yield start, stop, Mention(found.start, found.end, found.last, found.first)


def _known_before_first(words: Words, i: int) -> Iterator[Found]:
    """« Le Guennec Yann (parent d'élève) »: a last name, then a first name, alone on a line."""
    end = words.last_from(i, strong=False)
    while end > i + 1 and words.is_first(end - 1):
        end -= 1
    first = end
    while words.adjacent(end) and words.is_first(end):
        end += 1
    if end == first > i:  # « Le Tallec Soizic ; coordinatrice »: a first name we do not know
        end += words.adjacent(end) and words.is_unknown(end)
        first = end - 1
        named = first > i and words.key(first - 1) not in contexts("particule")
        if not named or not _is_followed_by_role(words, end):
            return
    alone = end > first > i and _CLOSES_NAME.match(words.text, words.tokens[end - 1].end)
    if alone and (words.unambiguous(first) or not words.is_first(first)):
        start, stop, found = words.mention(i, end, first_until=first)
        yield start, stop, Mention(found.start, found.end, found.last, found.first)


def _is_followed_by_role(words: Words, i: int) -> bool:
    """Tell whether the next cell, or what follows a dash, begins with a role at token i."""
    if i >= len(words.tokens) or words.key(i) not in roles() or words.adjacent(i):
        return False
    between = words.text[words.tokens[i - 1].end : words.tokens[i].start].strip()
    return between in (";", "|", "–", "—", "-", ",", "(")


def _may_be_first(words: Words, i: int) -> bool:
    token = words.tokens[i]
    if token.initial:
        return token.text.endswith(".") and not is_next_title(words, i)
    unknown = not words.vocabulary.is_common(token.key)
    named = is_first_name(token.key) or token.key == "thi" or unknown
    return token.capital and not token.caps and i not in words.places and named


def _after_first(words: Words, i: int) -> Iterator[Found]:
    after = i + 1
    while (
        words.adjacent(after)
        and words.is_first(after)
        and words.adjacent(after + 1)
        and (words.last_from(after + 1, strong=words.unambiguous(i)) > after + 1)
    ):
        after += 1
    if not words.adjacent(after):
        return
    token = words.tokens[after]
    is_title = token.text in ("M.", "M") and is_next_title(words, after)
    if token.initial and not is_title:
        yield words.mention(i, after + 1, first_until=after)
        return
    # « Claire ET NETTE »; « Odile FERRÉ » is a name.
    alike = words.tokens[i].caps == token.caps or (token.caps and len(token.text) > 3)
    strong = words.unambiguous(i) and (not words.opens(i) or alike)
    end = words.last_from(after, strong=strong, city=words.unambiguous(i))
    service = not words.unambiguous(i) and _is_service(words, after, end)
    if end > after and not service:
        yield words.mention(i, end, first_until=after)


def _before_first(words: Words, i: int) -> Iterator[Found]:
    """« DUPONT Claire », « LE GOFF Yann », « BEN SALAH Karim »."""
    start = i
    while (
        start > 0
        and words.adjacent(start)
        and words.tokens[start - 1].caps
        and (words.key(start - 1) in contexts("particule"))
    ):
        start -= 1
    end = i + 2
    while words.adjacent(end) and words.is_first(end) and not words.tokens[end].caps:
        end += 1
    first = " ".join(t.key for t in words.tokens[i + 1 : end])
    last = " ".join(t.key for t in words.tokens[start : i + 1])
    yield start, end, Mention(words.tokens[start].start, words.tokens[end - 1].end, first, last)


def _is_service(words: Words, start: int, end: int) -> bool:
    """Tell whether plural nouns follow a first name: an organisation, « France Victimes »."""
    return all(
        words.vocabulary.is_common(t.key) and t.key not in last_names() and t.key.endswith("s")
        for t in words.tokens[start:end]
    )


def is_next_title(words: Words, i: int) -> bool:
    """Tell whether « M. » at token i is the title of who follows, not an initial."""
    return words.near(i + 1) and words.tokens[i + 1].capital and words.is_last(i + 1, strong=False)


def _lower_first(words: Words, i: int) -> bool:
    key = words.tokens[i].key
    return key in first_names() and len(key) > 3 and i not in words.places and words.unambiguous(i)


def initialled(words: Words) -> Iterator[Found]:
    """« J. Dupont », « J.-P. Dupont »: an initial, then a word that is not French."""
    for i, token in enumerate(words.tokens):
        if not token.text.endswith(".") or i in words.places:
            continue
        after = _CLOSES_NAME.match(words.text, token.end)
        if after and words.adjacent(i) and words.is_last(i - 1, strong=False) and token.capital:
            start, stop, found = words.mention(i - 1, i + 1, first_until=i)  # « Orvalec J.-P., … »
            yield start, stop, Mention(found.start, found.end, found.last, found.first)
            continue
        if not words.adjacent(i + 1):
            continue
        following = words.tokens[i + 1]
        end = words.last_from(i + 1, strong=following.key in small_towns())
        if end > i + 1 and (token.key != "m" or words.follows_initial(i)):
            start = i - 1 if words.follows_initial(i) else i  # « N. F. Orvalec »
            yield words.mention(start, end, first_until=i + 1)
        elif (  # « y. orvalec »: notes typed live
            token.text.islower()
            and following.text.islower()
            and len(following.key) > 3
            and words.can_be_lower(i + 1)
            and not words.vocabulary.is_common(following.key)
        ):
            yield words.mention(i, i + 2, first_until=i + 1)


def alone(words: Words) -> Iterator[Found]:
    """A first name alone: « Christina nous a dit », « avec Karim »; « karim » in live notes."""
    for i, token in enumerate(words.tokens):
        if not is_first_name(token.key) or i in words.places:
            continue
        before, after = words.key(i - 1), words.key(i + 1)
        spoken = words.adjacent(i + 1) and (
            speaks(after) or after in contexts("pronom") or after == "aussi"
        )
        led = words.adjacent(i) and before in contexts("avant")
        article = words.adjacent(i) and before in contexts("article")
        introduced = _is_introduced(words, i) or _is_called(words, i)
        if words.unambiguous(i) or introduced:
            if words.adjacent(i) and (before == "l" or i - 1 in words.places):
                continue  # « L'Ariane », « une Renault Zoé »
            if _is_town_said(words, i):
                continue
            # « Aït Slimane »: a particle makes a last name of a first name.
            if (
                token.capital
                and words.adjacent(i)
                and words.tokens[i - 1].capital
                and before in contexts("particule_sure")
            ):
                yield words.mention(i - 1, i + 1, first_until=i - 1)
                continue
            lower = token.text.islower() and len(token.key) > 4
            capital = token.capital and (not token.caps or len(token.key) > 3)
            if capital or introduced or (lower and not article):
                yield words.mention(i, i + 1, first_until=i + 1)
        elif (
            token.capital
            and not token.caps
            and not article
            and not words.vocabulary.is_kept(token.key)
            and (
                spoken
                or (led and not words.opens(i))
                or _in_enumeration(words, i)
                or follows_label(words, i, "libelle_prenom")
            )
        ):
            yield words.mention(i, i + 1, first_until=i + 1)


def _is_town_said(words: Words, i: int) -> bool:
    """Tell whether a first name is a town's: « À Albert, dans la Somme », « à Albert (80) »."""
    if not words.adjacent(i) or words.tokens[i - 1].text not in ("à", "À"):
        return False
    located = _LOCATED.match(words.text, words.tokens[i].end)
    opens = words.opens(i - 1) and words.text[words.tokens[i].end :][:1] == ","
    return bool(located) or (opens and words.tokens[i].key in small_towns())


def _is_called(words: Words, i: int) -> bool:
    """Tell whether one speaks to or of a name in lower case: « euh claude tu prends le micro »."""
    begins = words.opens(i) or words.key(i - 1) in contexts("devant_sujet")
    spoken = words.adjacent(i + 1) and words.key(i + 1) in ("tu", "vous", "il", "elle")
    return begins and spoken and words.tokens[i].key not in names_that_are_words()


def _is_introduced(words: Words, i: int) -> bool:
    """Tell whether someone says a first name: « moi c'est célestine », « elle s'appelle rose »."""
    if not words.adjacent(i):
        return False
    before, earlier = words.key(i - 1), words.key(i - 2)
    said = before in contexts("se_nommer") and earlier in ("m", "s", "t", "se", "me")
    return said or (before == "est" and earlier == "c" and words.key(i - 3) in ("moi", "prenom"))


def _in_enumeration(words: Words, i: int) -> bool:
    """Tell whether a name that is a word stands beside a first name: « Karim et Rose »."""
    for j in (i - 2, i + 2):
        if (
            0 <= j < len(words.tokens)
            and words.key((i + j) // 2) in ("et", "ou")
            and words.is_first(j)
        ):
            return True
    return False
