"""Last names alone, told by their company: « selon Orvalec », « Orvalec répond que non »."""

import re
from collections.abc import Collection, Iterable, Iterator

from pipeline.masking.attendance import follows_label
from pipeline.masking.name_context import Found, Words
from pipeline.masking.name_words import (
    acronyms,
    contexts,
    is_done_to_people,
    is_like_surname,
    is_told,
    key_of,
    last_names,
    roles,
    small_towns,
    speaks,
)

_COLON = re.compile(r"\s*:\s")
# « Orvalec (DGS) », « ORVALEC (police nationale) ».
_ROLE_AFTER = re.compile(r"\s\((?P<role>[^()]{2,60})\)")
_PARTICIPLE = re.compile(r"(?:e|ee|i|ie|u|ue|it|is|ant|ante|eux|euse|if|ive)$")
# « Orvalec, l'adjointe à la sécurité ».
_APPOSED = re.compile(r",\s(?:l['’]|le\s|la\s|notre\s|son\s|sa\s|un\s|une\s)?(?P<role>[\w-]+)")
_SAID = re.compile(r"\s*[|;:–-]\s*[«“\"]")
# « Merci, Estève », « Cordialement,\nPrudence ».
_SIGNS = re.compile(
    r"(?i:\b(?:merci|cordialement|bien à (?:toi|vous)|amicalement|salutations|sincèrement|bises|"
    r"respectueusement|bonne (?:journée|soirée|semaine)|à bientôt))\s*[,.!\n]+\s*$"
)
_CLOSED = re.compile(r"\s*\.?\s*$")
_ENDS = re.compile(r"\s*(?:[;,|(.]|$)", re.MULTILINE)
# « Orvalec : pas de moyens », « Orvalec -> relance le bailleur ».
_ANNOUNCES = re.compile(
    r"\s*(?:\s(?:de\s|d['’]|à\s)[A-ZÀ-Þ][\w-]+)?\s*(?:(?::|->|=>|→|=|/|\|)\s|;)"
)
_ARROW = re.compile(r"\s*(?:->|=>|→)\s")
# An e-mail or a phone just after a word: the word is who it belongs to.
_CONTACT = re.compile(
    r"\s*[:,(=–-]{0,2}\s*(?:au\s+)?(?:0[\s.]?[1-9](?:[\s.-]?\d){6}|\+33|[\w.+-]+@)"
)


def quoted(words: Words) -> Iterator[Found]:
    """« selon Orvalec », « tel Orvalec 06… »: no French word, but a capital."""
    for i, token in enumerate(words.tokens):
        if opening := _ROLE_AFTER.match(words.text, token.end):
            said = key_of(opening["role"].split()[0])
            if words.is_unknown(i) and said in contexts("corps") | roles():
                known = f"{words.key(i - 1)} {token.key}" in last_names()  # « Le Guennec (parent) »
                start = i - 1 if known and words.adjacent(i) else i
                yield words.mention(start, words.last_from(i, strong=False), first_until=start)
            elif said in roles() and token.capital and _may_be_surname(words, i):
                yield words.mention(i, i + 1, first_until=i)
            elif _is_spokesman(words, i, opening):
                end = words.last_from(i, strong=False)
                yield words.mention(i, end, first_until=i, sure=False)
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


def _is_spokesman(words: Words, i: int, bracket: re.Match[str]) -> bool:
    """Tell whether an unknown acronym says whom the speaker stands for: « Orvalec (DDXS) : … »."""
    body = bracket["role"]
    zone = contexts("lieu") | contexts("lieu_de")
    return (
        words.opens_line(i)
        and words.is_unknown(i)
        and bool(re.fullmatch(r"[A-ZÀ-Þ]{2,8}(?:[ /-][A-ZÀ-Þ\d]{2,8})*", body))
        and not zone.intersection(key_of(body).split())
        and bool(_COLON.match(words.text, bracket.end()))
    )


def guessed(words: Words, bodies: Collection[tuple[int, int]]) -> Iterator[Found]:
    """A capital that is no French word, where people are named: « - Orvalec répond que non ».

    Names joined stand or fall together: « Roumiel et Dassonval demandent ». Guesses, not sure:
    elsewhere the texts may use the word as a place's (« à Orvalec »). `bodies`: see `names.py`.
    """
    i = 0
    while i < len(words.tokens):
        chain = _chain(words, i)
        end = chain[-1][1] if chain else i + 1
        if chain and (
            _is_led(words, i, end)
            or (_is_where_people_are(words, i, end) and not _overlaps(words, chain, bodies))
        ):
            for a, b in chain:
                yield words.mention(a, b, first_until=a, sure=False)
        elif labelled := _labelled_word(words, i):
            yield labelled
        elif len(chain) > 1:
            end = chain[0][1]
        i = end


def _labelled_word(words: Words, i: int) -> Found | None:
    """« Signé : Ducasse », « Merci, Estève »: a capital alone after a label, at the end."""
    token = words.tokens[i]
    awaited = token.capital and follows_label(words, i, "libelle_sur")
    signs = token.capital and _SIGNS.search(words.text[: token.start])
    if signs and not words.is_acronym(token) and _CLOSED.match(words.text, token.end):
        return words.mention(i, i + 1, first_until=i)
    if awaited and _may_be_surname(words, i) and _ENDS.match(words.text, token.end):
        return words.mention(i, i + 1, first_until=i)
    return None


def _chain(words: Words, i: int) -> list[tuple[int, int]]:
    """Return the last names joined from token i on: « Roumiel, Dassonval et Bruyère »."""
    chain: list[tuple[int, int]] = []
    end = _surname_end(words, i)
    while end > i:
        chain.append((i, end))
        i = end + 1 if words.key(end) in ("et", "&") else end
        if i == end and not _joined(words, i):
            break
        end = _surname_end(words, i) if i < len(words.tokens) else i
        if end == i and i < len(words.tokens) and _is_capital_inside(words, i):
            end = i + 1
    return chain


def _surname_end(words: Words, i: int) -> int:
    """Return the end of the unknown or frequent last name that begins at token i; i if none."""
    token = words.tokens[i]
    if not token.capital:
        return i + 1 if token.text.islower() and _is_lower_surname(words, i) else i
    end = words.last_from(i, strong=False)
    inside = words.tokens[i:end]
    if not inside or words.places.intersection(range(i, end)):
        return i
    linked = contexts("particule")  # « DA ORVALEC »
    plain = [t for t in inside if t.key not in linked] or inside
    short = any(t.caps and len(t.text) < 5 and t.key not in last_names() for t in plain)
    tools = (contexts("mot_outil") | acronyms()) - contexts("particule")
    if short or any(t.key in tools for t in inside):
        return i
    # « Le Cerema répond »: after a capital article, a frequent last name only.
    article = token.key in contexts("article") and words.opens(i)
    whole = " ".join(t.key for t in inside)
    return i if article and whole not in last_names() else end


def _is_lower_surname(words: Words, i: int) -> bool:
    """Tell whether « benali » is a frequent last name that is no French word."""
    key = words.tokens[i].key
    common = words.vocabulary.is_common(key) and key not in small_towns()
    if common or not words.can_be_lower(i) or len(key) < 4 or words.vocabulary.is_kept(key):
        return False
    # « benchekroun demande un rendez-vous »: no French word, not even misspelt.
    begins = words.opens_line(i) or (
        i > 0 and words.text[: words.tokens[i].start].rstrip()[-1:] in "/;|"
    )
    strange = len(key) > 4 and begins and key.isalpha() and key[-1] != "s"
    return key in last_names() or (strange and not words.vocabulary.is_nearly_common(key))


def _is_where_people_are(words: Words, i: int, end: int) -> bool:
    before = words.key(i - 1) if words.adjacent(i) else ""
    if before in contexts("article"):
        return False
    return (
        _is_subject(words, i, end)
        or _is_presented(words, i, end)
        or _is_answerable(words, i)
        or _is_inverted(words, i, end)
    )


def _overlaps(
    words: Words, chain: list[tuple[int, int]], spans: Collection[tuple[int, int]]
) -> bool:
    if words.tokens[chain[0][0]].caps:  # the model takes any word in capitals for a body
        return False
    start, end = words.tokens[chain[0][0]].start, words.tokens[chain[-1][1] - 1].end
    return any(a < end and start < b for a, b in spans)


def _is_led(words: Words, i: int, end: int) -> bool:
    """« voir Orvalec », « question d'Orvalec », « parole à Orvalec », « animé par Orvalec »."""
    if not words.adjacent(i) or words.follows_article(i):
        return False
    before, earlier = words.key(i - 1), words.key(i - 2)
    if before == "apres":
        return earlier == "d"
    if before == "situation" and earlier == "de":
        return False  # « Point de situation Beaupré »: of a place; « la situation Orvalec » is hers
    if before in contexts("devant_nom") | contexts("de_nom") or is_done_to_people(before):
        return True
    if before == "pour":  # « Pour Orvalec, il faut… »
        return words.opens(i - 1) and words.text[words.tokens[end - 1].end :][:1] == ","
    if not words.adjacent(i - 1):
        return False
    return (
        (before in ("de", "d") and earlier in contexts("de_nom"))
        or (before == "avec" and earlier in contexts("avec_nom"))
        or (words.tokens[i - 1].text == "à" and is_told(words.text[: words.tokens[i - 1].start]))
        or (before == "par" and earlier in contexts("par_nom"))
    )


def _is_subject(words: Words, i: int, end: int) -> bool:
    """« Orvalec n'a pas répondu », « et Orvalec aussi, absent », « y a qu'Orvalec qui répond »."""
    before = words.key(i - 1)
    if words.key(end) == "qui" and words.adjacent(end):
        return words.adjacent(i) and before in ("est", "a", "que", "qu", "avait", "ya")
    if not (words.opens(i) or before in contexts("devant_sujet") or not words.adjacent(i)):
        return False
    if words.adjacent(end) and _is_attribute(words, end):
        return True
    j = end
    helped = False
    while j < end + 5 and words.adjacent(j) and words.key(j) in contexts("clitique"):
        helped |= words.key(j) in ("a", "ont", "avait", "est", "etait")
        j += 1
    if not words.adjacent(j):
        return False
    if words.key(j) == "et" and words.key(j + 1) in ("moi", "toi", "lui", "elle", "nous", "vous"):
        return True
    if words.tokens[j].capital and not words.tokens[j].caps:
        return False
    if all(words.vocabulary.is_common(t.key) for t in words.tokens[i:end]) and words.key(
        j
    ) in contexts("parole_douteuse"):
        return False  # « Petit rappel »
    done = helped and words.key(j) in contexts("participe")
    return done or speaks(words.key(j)) or _is_attribute(words, j)


def _is_attribute(words: Words, j: int) -> bool:
    """« Orvalec absent », « Orvalec pas d'accord »."""
    for size in (3, 2, 1):
        form = " ".join(words.key(k) for k in range(j, j + size))
        if form in contexts("attribut"):  # « Orvalec pour », but « pour sa part »
            return form not in contexts("attribut_final") or not words.adjacent(j + size)
    # « Orvalec très remonté », « pas convaincu »
    degree = words.key(j) in contexts("degre") and words.adjacent(j + 1)
    return degree and bool(_PARTICIPLE.search(words.key(j + 1)))


def _is_presented(words: Words, i: int, end: int) -> bool:
    """« Orvalec, adjointe à la sécurité », « Orvalec : pas de moyens » at the head of a text."""
    if words.adjacent(i) and words.key(i - 1) in contexts("avant_lieu") and not words.opens(i):
        return False
    stop = words.tokens[end - 1].end
    if (role := _APPOSED.match(words.text, stop)) and key_of(role["role"]) in roles():
        # « Point de situation Beaupré, rapporteur : Orvalec »: the role is a label's
        return words.opens_line(i) or not _COLON.match(words.text, role.end())
    if (
        words.opens(i)
        and words.adjacent(end)
        and words.key(end) in roles()
        and (words.tokens[end].text.islower())
    ):
        return True  # « Orvalec élue, très active »
    if not words.adjacent(i) and _SAID.match(words.text, stop):
        return True  # « Table 5 | Orvalec | « La coutume d'abord » »
    if words.tokens[i].caps and words.opens_line(i) and _is_listed_with_service(words, end):
        return True  # « ANQUETIL – lycée »
    alone = len(words.tokens[i].key) > 3 and words.key(i) not in contexts("libelle")
    # « Et les caves ? Orvalec → à vérifier »
    acts = words.opens(i) and _ARROW.match(words.text, stop)
    return alone and bool(acts or (words.opens_line(i) and _ANNOUNCES.match(words.text, stop)))


def _is_listed_with_service(words: Words, i: int) -> bool:
    """Tell whether a dash, then a service, an acronym or a role stand at token i."""
    if i >= len(words.tokens) or words.adjacent(i):
        return False
    between = words.text[words.tokens[i - 1].end : words.tokens[i].start].strip()
    token = words.tokens[i]
    services = contexts("corps") | contexts("lieu_de") | contexts("lieu") | roles() | acronyms()
    return between in ("–", "—", "-") and (token.key in services or i in words.places)


def _is_answerable(words: Words, i: int) -> bool:
    """« pilote = Orvalec », « Rapporteur : Orvalec »."""
    kinds = ("libelle_de_noms", "libelle", "libelle_sur", "corps")
    return any(follows_label(words, i, kind) for kind in kinds)


def _is_inverted(words: Words, i: int, end: int) -> bool:
    """« …, soupire Orvalec. », « comme l'a dit Orvalec »."""
    if not words.adjacent(i) or not speaks(words.key(i - 1)):
        return False
    earlier = [words.key(j) for j in range(i - 5, i - 1)]
    stops = end >= len(words.tokens) or not words.adjacent(end)
    quoted = words.text[: words.tokens[i - 1].start].rstrip().endswith((",", "»", '"', "”"))
    said = "comme" in earlier or "ainsi" in earlier or words.key(i - 2) == "que"
    return said or (quoted and stops)


def beside(words: Words, found: Iterable[Found]) -> Iterator[Found]:
    """Last names beside people found: « Karim et Bruyère », « Roumiel/Dassonval »."""
    found = list(found)
    ends, starts = {b for _, b, _ in found}, {a for a, _, _ in found}
    # « Wallez ; Marie-Claude »: cells of a table, a last name beside a first name alone.
    first_only = {place for a, b, m in found if not m.last for place in (a, b)}
    past = 0
    for i, token in enumerate(words.tokens):
        if i < past or not token.capital or i in words.places or token.initial:
            continue
        end = _surname_end(words, i)
        if end == i and _is_capital_inside(words, i):
            end = i + 1
        if end == i:
            continue
        after = i - 1 in ends and words.key(i - 1) == "et"
        if (
            (i - 1 in ends and words.key(i - 1) in ("et", "ou"))
            or (i in ends and _joined(words, i))
            or (end in starts and _joined(words, end))
            or (i in ends & first_only and _joined(words, i, by=(";", "|")))
            or (end in starts & first_only and _joined(words, end, by=(";", "|")))
            or (end + 1 in starts and words.key(end) in ("et", "ou") and words.is_unknown(i))
        ) and (after or not words.adjacent(i) or words.key(i - 1) not in contexts("avant_lieu")):
            yield words.mention(i, end, first_until=i, sure=False)
            ends.add(end)
            past = end


def _is_capital_inside(words: Words, i: int) -> bool:
    """Tell whether a French word has a capital that its place does not give it (« et Bruyère »)."""
    token = words.tokens[i]
    return not words.opens(i) and not token.caps and is_like_surname(token.key)


def _may_be_surname(words: Words, i: int) -> bool:
    """Tell whether a French word with a capital may be a last name where one is awaited."""
    token = words.tokens[i]
    return (
        i not in words.places
        and not words.is_acronym(token)
        and (words.key(i - 1) not in contexts("article") or not words.adjacent(i))
        and is_like_surname(token.key)
    )


def _joined(words: Words, i: int, by: tuple[str, ...] = ("/", "+", "&")) -> bool:
    """Tell whether a sign joins token i to the one before."""
    if i >= len(words.tokens):
        return False
    between = words.text[words.tokens[i - 1].end : words.tokens[i].start].strip()
    return between in by
