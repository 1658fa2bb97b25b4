"""People named after a title or a role: « mme dupont », « le procureur Dupont », « MM. A et B »."""

import re
from collections.abc import Collection, Iterator

from pipeline.masking.given_names import is_next_title
from pipeline.masking.name_context import Found, Words
from pipeline.masking.name_words import (
    Mention,
    acronyms,
    contexts,
    first_names,
    is_like_surname,
    last_names,
    roles,
    small_towns,
    titles,
)


def titled(words: Words) -> Iterator[Found]:
    """« M. Dupont », « mme dupont », « Mme la procureure Claire Dupont », « MM. A et B »."""
    for i, token in enumerate(words.tokens):
        civil = token.key in titles() and _is_title(words, i)
        if not civil:
            continue
        civility = "m" if token.key in contexts("civilite_m") else (
            "f" if token.key in contexts("civilite_f") else "")  # fmt: skip
        j = _past_role(words, i + 1)
        if j is not None and j > i + 1 and words.key(j) in contexts("particule"):
            j = j if words.tokens[j].capital else None  # « M. le maire de Corvillac »
        while j is not None:
            found = name_at(words, j, civility, lower=j == i + 1 or token.text.islower())
            if not found:
                break
            yield found
            j = (
                _next_in_list(words, found[1])
                if token.key in contexts("civilite_pluriel")
                else None
            )


def _is_title(words: Words, i: int) -> bool:
    """Tell whether « m », « me », « pr » is a title there: « 200 m », « pr le » are not."""
    token = words.tokens[i]
    if token.text[-1] in "'’" or not words.near(i + 1):
        return False
    if token.key == "me":
        return token.text[0] == "M" and i + 1 < len(words.tokens) and words.tokens[i + 1].capital
    measured = words.adjacent(i) and words.tokens[i - 1].text.isdigit()
    if token.key in ("m", "pr", "dr", "mr") and (measured or words.follows_initial(i)):
        return False  # « 200 m », « J. M. Orvalec »
    if token.key in ("pr", "maitre", "general"):
        return i + 1 < len(words.tokens) and words.tokens[i + 1].capital
    return True


def _past_role(words: Words, i: int) -> int | None:
    """Return the token after « le maire », or i; None where no name follows it."""
    j = i
    while j < min(i + 4, len(words.tokens)) and (j == i or words.near(j)):
        key = words.key(j)
        if key in contexts("article") or key in roles() or _is_plural_role(words, j):
            j += 1
        else:
            break
    if j > i and words.key(j - 1) == "les" and words.key(j).endswith("s"):
        return None  # « MM. les Bâtonniers »
    if j == i or (
        words.key(j - 1) in contexts("article") and words.key(j - 1) in contexts("particule")
    ):
        return i
    return j if words.near(j) else None


def _is_plural_role(words: Words, i: int) -> bool:
    """Tell whether token i is « commandants » of « MM. les commandants de brigade »."""
    plural = words.key(i)
    return (
        plural.endswith("s")
        and plural[:-1] in roles()
        and words.key(i - 1) in contexts("article") | contexts("civilite_pluriel")
        and plural not in last_names()
    )


def _next_in_list(words: Words, i: int) -> int | None:
    """Return the token after « , » or « et » where a list of names goes on, else None."""
    if i >= len(words.tokens):
        return None
    between = words.text[words.tokens[i - 1].end : words.tokens[i].start].strip()
    if (
        words.key(i) in ("et", "&")
        and not between
        and (words.last_from(i + 1, strong=True) > i + 1)
    ):
        return i + 1
    if between == "," and _list_goes_on(words, i):
        return i
    return None


def _list_goes_on(words: Words, i: int) -> bool:
    """Tell whether « Orvalec, Bertreux » is a list of names, unlike « Orvalec, maire »."""
    token = words.tokens[i]
    named = token.capital and i not in words.places and is_like_surname(token.key)
    if named and re.match(r"\s*(?:[,;.)]|et\b)", words.text[token.end :]):
        return True  # « MM. Orvalec, Petit et Bel »
    if token.caps and words.tokens[i - 1].caps and len(token.text) > 4:  # « LEPERLIER, AH-HOT »
        return words.is_last(i, strong=True)
    return words.is_last(i, strong=False) and not words.vocabulary.is_common(token.key)


def name_at(words: Words, i: int, civility: str, *, lower: bool) -> Found | None:
    """Return the person named from token i on, just after a title."""
    if i >= len(words.tokens):
        return None
    token = words.tokens[i]
    if token.initial and token.key not in titles():
        after = i + 1
        while words.adjacent(after) and words.tokens[after].text.endswith("."):
            after += 1  # « Mme N. F. Orvalec »
        end = words.last_from(after, strong=True) if words.adjacent(after) else after
        if end > after:
            return words.mention(i, end, first_until=after, civility=civility)
        return words.mention(i, i + 1, first_until=i, civility=civility)
    if words.is_first(i):
        after = i + 1
        while (
            words.adjacent(after)
            and words.is_first(after)
            and words.adjacent(after + 1)
            and (words.last_from(after + 1, strong=True) > after + 1)
        ):
            after += 1
        end = words.last_from(after, strong=True, city=True) if words.adjacent(after) else after
        if end > after:
            return words.mention(i, end, first_until=after, civility=civility)
        if (
            words.adjacent(after)
            and words.tokens[after].initial
            and not is_next_title(words, after)
        ):
            return words.mention(i, after + 1, first_until=after, civility=civility)
        return words.mention(i, i + 1, first_until=i, civility=civility)
    end = words.last_from(i, strong=True, city=True)
    if end > i:
        last = words.tokens[end - 1]
        if words.adjacent(end) and words.is_first(end) and last.caps and _is_apart(words, end):
            start, stop, mention = words.mention(i, end + 1, first_until=i, civility=civility)
            first, name = words.tokens[end].key, " ".join(t.key for t in words.tokens[i:end])
            return start, stop, Mention(mention.start, mention.end, first, name, civility)
        return words.mention(i, end, first_until=i, civility=civility)
    return _lower_name_at(words, i, civility) if lower else None


def _is_apart(words: Words, i: int) -> bool:
    """Tell whether a first name is no last name's: not in capitals, or the end of its name.

    « Mme ORVALEC Rose est », « MME ORVALEC ROSE, »; not « MME ORVALEC CONSTANCE UN RETARD ».
    """
    return not words.tokens[i].caps or not words.adjacent(i + 1) or words.unambiguous(i)


def _lower_name_at(words: Words, i: int, civility: str) -> Found | None:
    """Return « dupont » of « mme dupont », « claire dupont » of « mme claire dupont »."""
    j = i
    while words.key(j) in ("de", "d", "du", "des", "la", "le") and j < i + 2 and words.adjacent(j):
        j += 1
    linked = j > i
    if words.key(j) in contexts("particule") and words.key(j) not in contexts("article"):
        j += 1
    token = words.tokens[j] if j < len(words.tokens) else None
    if token is None or not token.text.islower() or not words.can_be_lower(j):
        return None
    if linked and words.vocabulary.is_common(token.key) and token.key not in small_towns():
        return None  # « mme de la mairie », unlike « m. de la fressange »
    if (
        token.key in first_names()
        and words.adjacent(j + 1)
        and words.can_be_lower(j + 1)
        and (not words.vocabulary.is_common(words.key(j + 1)) or words.key(j + 1) in last_names())
    ):
        return words.mention(j, j + 2, first_until=j + 1, civility=civility)
    return words.mention(i, j + 1, first_until=i, civility=civility)


def ranked(words: Words, named: Collection[int]) -> Iterator[Found]:
    """« commissaire Delbarde », « le maire Jean Dupont », « l'adjointe Dupont ».

    `named`: the tokens found to name someone. « KOUYATE Ibrahima – médiateur Optima » tells where
    a person named works.
    """
    for i, token in enumerate(words.tokens):
        if token.key not in roles() or (i - 1 in named and _in_apposition(words, i)):
            continue
        if bracketed := _bracketed(words, i):
            yield bracketed
        if not words.adjacent(i + 1):
            continue
        j = _past_role(words, i + 1)
        j = i + 1 if j is None else j
        j = _past_complement(words, j)
        if j >= len(words.tokens) or words.tokens[j].key in titles():
            continue
        grade = token.key in contexts("grade")
        following = words.tokens[j]
        # « l'adjointe Pommier », « Cne Prunières »: a French word with a capital it has not
        # as a word; « adjoint Sécurité » says what the role is about.
        capital = following.capital and not following.caps and not words.tokens[j].initial
        surname = capital and (grade or (token.text.islower() and is_like_surname(following.key)))
        if words.is_first(j):
            found = name_at(words, j, "", lower=False)
            if found:
                yield found
            continue
        lower = not following.capital or (token.caps and following.caps)
        if not grade and words.key(j) in contexts("particule") and lower:
            continue  # « le maire de Corvillac », « L'ASSEMBLÉE GÉNÉRALE DU CIQ »
        surname = surname and not words.vocabulary.is_kept(following.key)
        end = words.last_from(j, strong=surname)
        if end > j and not (following.caps and not token.caps and following.key in acronyms()):
            yield words.mention(j, end, first_until=j)
        elif (
            grade
            and following.text.islower()
            and len(following.key) > 4
            and "-" not in following.text
            and (words.can_be_lower(j) and not words.vocabulary.is_common(following.key))
        ):
            yield words.mention(j, j + 1, first_until=j)


def _in_apposition(words: Words, i: int) -> bool:
    """Tell whether a dash or a bracket parts token i from the name before."""
    between = words.text[words.tokens[i - 1].end : words.tokens[i].start]
    return between.strip() in ("–", "—", "-", "(") and not words.adjacent(i)


def _past_complement(words: Words, i: int) -> int:
    """Return the token after « de service », « général des services », or i.

    « le chef de service Orvalec »: lower-case words, then a word that is not French.
    """
    j = i
    while (
        j < min(i + 6, len(words.tokens)) and words.adjacent(j) and words.tokens[j].text.islower()
    ):
        j += 1
    if (
        j == i
        or not words.adjacent(j)
        or words.key(j - 1) in contexts("particule") | contexts("mot_outil")
    ):
        return i
    known = words.is_last(j, strong=False) and not words.vocabulary.is_common(words.key(j))
    return j if words.key(i) in contexts("complement") and known and not words.tokens[j].caps else i


def _bracketed(words: Words, i: int) -> Found | None:
    """Return the person of « le proviseur (Orvalec) », of « ORVALEC (proviseur) »."""
    end = words.tokens[i].end
    if words.text[end : end + 2] == " (" and words.is_unknown(i + 1):
        stop = words.last_from(i + 1, strong=False)
        if words.text[words.tokens[stop - 1].end :][:1] in (")", ","):
            return words.mention(i + 1, stop, first_until=i + 1)
    return None
