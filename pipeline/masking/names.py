"""Where people are named in one text: after a title, by first name, with an initial, in a list.

Each rule is weak alone; together they read notes typed live (« mme dupont »), minutes
(« M. le procureur Dupont »), attendance lists and transcripts. What is no name (cities,
institutions, « place Victor-Hugo », « loi Badinter ») is told by lexicons and by its context.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.masking.attendance import fold_same_length, list_label, pieces
from pipeline.masking.name_context import Words
from pipeline.masking.name_words import (
    Token,
    Vocabulary,
    acronyms,
    contexts,
    first_names,
    is_first_name,
    key_of,
    last_names,
    roles,
    titles,
)

_LONGEST = 5  # tokens in a person's name, particles included


@dataclass(frozen=True)
class Mention:
    """A person named in a text: where, by which first and last names (keys, "" if unsaid).

    `civility` is m, f or "" ; `sure` tells a name said by a title or first name from a guess.
    """

    start: int
    end: int
    first: str
    last: str
    civility: str = ""
    sure: bool = True


class Reader:
    """The people one text names."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.words = Words(text, vocabulary)
        self.tokens = self.words.tokens
        self.places = self.words.places

    def mentions(self, *, listed: bool = False) -> list[Mention]:
        """Return the people named, in order; `listed`: the text is (part of) an attendance list."""
        found: list[Mention] = []
        taken: set[int] = set()
        rules = (
            self._titled(),
            self._full_names(),
            self._initialled(),
            self._listed(listed=listed),
            self._ranked(),
            self._alone(),
            self._quoted(),
        )
        for first, last, mention in itertools.chain.from_iterable(rules):
            if not taken.intersection(range(first, last)):
                taken.update(range(first, last))
                found.append(mention)
        return sorted(found, key=lambda m: m.start)

    def _mention(
        self, start: int, end: int, *, first_until: int, civility: str = "", sure: bool = True
    ) -> tuple[int, int, Mention]:
        first = " ".join(t.key for t in self.tokens[start:first_until])
        last = " ".join(t.key for t in self.tokens[first_until:end])
        last_token = self.tokens[end - 1]
        stop = last_token.end
        mention = Mention(self.tokens[start].start, stop, first, last, civility, sure)
        return start, end, mention

    def _titled(self) -> Iterator[tuple[int, int, Mention]]:
        """« M. Dupont », « mme dupont », « Mme la procureure Claire Dupont », « MM. A et B »."""
        for i, token in enumerate(self.tokens):
            civil = token.key in titles() and self._is_title(i)
            if not civil:
                continue
            civility = "m" if token.key in contexts("civilite_m") else (
                "f" if token.key in contexts("civilite_f") else "")  # fmt: skip
            j = self._past_role(i + 1)
            if j is not None and j > i + 1 and self.words.key(j) in contexts("particule"):
                j = j if self.tokens[j].capital else None  # « M. le maire de Corvillac »
            while j is not None:
                found = self._name_at(j, civility, lower=j == i + 1 or token.text.islower())
                if not found:
                    break
                yield found
                j = (
                    self._next_in_list(found[1])
                    if token.key in contexts("civilite_pluriel")
                    else None
                )

    def _is_title(self, i: int) -> bool:
        """Tell whether « m », « me », « pr » is a title there: « 200 m », « pr le » are not."""
        token = self.tokens[i]
        if token.text[-1] in "'’" or not self.words.near(i + 1):
            return False
        if token.key == "me":
            return token.text[0] == "M" and i + 1 < len(self.tokens) and self.tokens[i + 1].capital
        if token.key in ("m", "pr", "dr", "mr") and i and self.tokens[i - 1].text.isdigit():
            return False
        if token.key in ("pr", "maitre", "general"):
            return i + 1 < len(self.tokens) and self.tokens[i + 1].capital
        return True

    def _past_role(self, i: int) -> int | None:
        """Return the token after « le maire », or i; None where no name follows it."""
        j = i
        while j < min(i + 4, len(self.tokens)) and (j == i or self.words.near(j)):
            key = self.words.key(j)
            if key in contexts("article") or key in roles():
                j += 1
            else:
                break
        if j == i or (
            self.words.key(j - 1) in contexts("article")
            and self.words.key(j - 1) in contexts("particule")
        ):
            return i
        return j if self.words.near(j) else None

    def _next_in_list(self, i: int) -> int | None:
        """Return the token after « , » or « et » where a list of names goes on, else None."""
        if i >= len(self.tokens):
            return None
        between = self.text[self.tokens[i - 1].end : self.tokens[i].start].strip()
        if (
            self.words.key(i) in ("et", "&")
            and not between
            and (self.words.last_from(i + 1, strong=True) > i + 1)
        ):
            return i + 1
        if between == "," and self._list_goes_on(i):
            return i
        return None

    def _list_goes_on(self, i: int) -> bool:
        """Tell whether « Orvalec, Bertreux » is a list of names, unlike « Orvalec, maire »."""
        return self.words.is_last(i, strong=False) and not self.vocabulary.is_common(
            self.words.key(i)
        )

    def _name_at(self, i: int, civility: str, *, lower: bool) -> tuple[int, int, Mention] | None:
        """Return the person named from token i on, just after a title."""
        if i >= len(self.tokens):
            return None
        token = self.tokens[i]
        if token.initial and token.key not in titles():
            if self.words.adjacent(i + 1) and self.words.is_last(i + 1, strong=True):
                return self._mention(
                    i,
                    self.words.last_from(i + 1, strong=True),
                    first_until=i + 1,
                    civility=civility,
                )
            return self._mention(i, i + 1, first_until=i, civility=civility)
        if self.words.is_first(i):
            after = i + 1
            while (
                self.words.adjacent(after)
                and self.words.is_first(after)
                and self.words.adjacent(after + 1)
                and (self.words.last_from(after + 1, strong=True) > after + 1)
            ):
                after += 1
            end = self.words.last_from(after, strong=True) if self.words.adjacent(after) else after
            if end > after:
                return self._mention(i, end, first_until=after, civility=civility)
            if (
                self.words.adjacent(after)
                and self.tokens[after].initial
                and not self._is_next_title(after)
            ):
                return self._mention(i, after + 1, first_until=after, civility=civility)
            return self._mention(i, i + 1, first_until=i, civility=civility)
        end = self.words.last_from(i, strong=True, city=True)
        if end > i:
            last = self.tokens[end - 1]
            if (
                self.words.adjacent(end)
                and self.words.is_first(end)
                and last.caps
                and not self.tokens[end].caps
            ):
                start, stop, mention = self._mention(i, end + 1, first_until=i, civility=civility)
                first, name = self.tokens[end].key, " ".join(t.key for t in self.tokens[i:end])
                return start, stop, Mention(mention.start, mention.end, first, name, civility)
            return self._mention(i, end, first_until=i, civility=civility)
        return self._lower_name_at(i, civility) if lower else None

    def _lower_name_at(self, i: int, civility: str) -> tuple[int, int, Mention] | None:
        """Return « dupont » of « mme dupont », « claire dupont » of « mme claire dupont »."""
        j = i
        if self.words.key(j) in contexts("particule") and self.words.key(j) not in contexts(
            "article"
        ):
            j += 1
        token = self.tokens[j] if j < len(self.tokens) else None
        if token is None or not token.text.islower() or not self.words.can_be_lower(j):
            return None
        if (
            token.key in first_names()
            and self.words.adjacent(j + 1)
            and self.words.can_be_lower(j + 1)
            and (
                not self.vocabulary.is_common(self.words.key(j + 1))
                or self.words.key(j + 1) in last_names()
            )
        ):
            return self._mention(j, j + 2, first_until=j + 1, civility=civility)
        return self._mention(i, j + 1, first_until=i, civility=civility)

    def _full_names(self) -> Iterator[tuple[int, int, Mention]]:
        """« Claire Orvalec », « ORVALEC Claire », « karim orvalec », « Nora B. »."""
        for i, token in enumerate(self.tokens):
            if self.words.is_first(i):
                yield from self._after_first(i)
            elif (
                token.caps
                and self.words.adjacent(i + 1)
                and self.words.is_first(i + 1)
                and (not self.tokens[i + 1].caps and self.words.is_last(i, strong=True))
            ):
                yield from self._before_first(i)
            elif token.text.islower() and self._lower_first(i) and self.words.adjacent(i + 1):
                following = self.tokens[i + 1]
                if (
                    following.text.islower()
                    and self.words.can_be_lower(i + 1)
                    and (
                        not self.vocabulary.is_common(following.key)
                        or following.key in last_names()
                    )
                ):
                    yield self._mention(i, i + 2, first_until=i + 1)

    def _after_first(self, i: int) -> Iterator[tuple[int, int, Mention]]:
        after = i + 1
        while (
            self.words.adjacent(after)
            and self.words.is_first(after)
            and self.words.adjacent(after + 1)
            and (self.words.last_from(after + 1, strong=self.words.unambiguous(i)) > after + 1)
        ):
            after += 1
        if not self.words.adjacent(after):
            return
        token = self.tokens[after]
        is_title = token.text in ("M.", "M") and self._is_next_title(after)
        if token.initial and not is_title:
            yield self._mention(i, after + 1, first_until=after)
            return
        strong = self.words.unambiguous(i) and (
            not self.words.opens(i) or self.tokens[i].caps == token.caps
        )
        end = self.words.last_from(after, strong=strong)
        if end > after and not self._is_service(after, end):
            yield self._mention(i, end, first_until=after)

    def _before_first(self, i: int) -> Iterator[tuple[int, int, Mention]]:
        """« DUPONT Claire », « LE GOFF Yann », « BEN SALAH Karim »."""
        start = i
        while (
            start > 0
            and self.words.adjacent(start)
            and self.tokens[start - 1].caps
            and (self.words.key(start - 1) in contexts("particule"))
        ):
            start -= 1
        end = i + 2
        while self.words.adjacent(end) and self.words.is_first(end) and not self.tokens[end].caps:
            end += 1
        first = " ".join(t.key for t in self.tokens[i + 1 : end])
        last = " ".join(t.key for t in self.tokens[start : i + 1])
        yield start, end, Mention(self.tokens[start].start, self.tokens[end - 1].end, first, last)

    def _is_service(self, start: int, end: int) -> bool:
        """Tell whether plural nouns follow a first name: an organisation, « France Victimes »."""
        return all(
            self.vocabulary.is_common(t.key) and t.key not in last_names() and t.key.endswith("s")
            for t in self.tokens[start:end]
        )

    def _is_next_title(self, i: int) -> bool:
        """Tell whether « M. » at token i is the title of who follows, not an initial."""
        return (
            self.words.near(i + 1)
            and self.tokens[i + 1].capital
            and self.words.is_last(i + 1, strong=False)
        )

    def _lower_first(self, i: int) -> bool:
        key = self.tokens[i].key
        return (
            key in first_names()
            and len(key) > 3
            and i not in self.places
            and self.words.unambiguous(i)
        )

    def _initialled(self) -> Iterator[tuple[int, int, Mention]]:
        """« J. Dupont », « J.-P. Dupont »: an initial, then a word that is not French."""
        for i, token in enumerate(self.tokens):
            if not token.text.endswith(".") or i in self.places or not self.words.adjacent(i + 1):
                continue
            end = self.words.last_from(i + 1, strong=False)
            following = self.tokens[i + 1]
            if end > i + 1 and token.key != "m":
                yield self._mention(i, end, first_until=i + 1)
            elif (  # « y. orvalec »: notes typed live
                token.text.islower()
                and following.text.islower()
                and len(following.key) > 3
                and self.words.can_be_lower(i + 1)
                and not self.vocabulary.is_common(following.key)
            ):
                yield self._mention(i, i + 2, first_until=i + 1)

    def _ranked(self) -> Iterator[tuple[int, int, Mention]]:
        """« commissaire Delbarde », « le maire Jean Dupont », « l'adjointe Dupont »."""
        for i, token in enumerate(self.tokens):
            if token.key not in roles():
                continue
            if bracketed := self._bracketed(i):
                yield bracketed
            if not self.words.adjacent(i + 1):
                continue
            j = self._past_role(i + 1)
            j = i + 1 if j is None else j
            j = self._past_complement(j)
            if j >= len(self.tokens) or self.tokens[j].key in titles():
                continue
            grade = token.key in contexts("grade")
            following = self.tokens[j]
            # « l'adjointe Pommier », « Cne Prunières »: a French word with a capital it has not
            # as a word; « adjoint Sécurité » says what the role is about.
            capital = following.capital and not following.caps and not self.tokens[j].initial
            surname = capital and (
                grade or (token.text.islower() and _is_like_surname(following.key))
            )
            if self.words.is_first(j):
                found = self._name_at(j, "", lower=False)
                if found:
                    yield found
                continue
            if (
                not grade
                and self.words.key(j) in contexts("particule")
                and not self.tokens[j].capital
            ):
                continue  # « le maire de Corvillac »
            surname = surname and not self.vocabulary.is_kept(following.key)
            end = self.words.last_from(j, strong=surname)
            if end > j and not (following.caps and not token.caps and following.key in acronyms()):
                yield self._mention(j, end, first_until=j)
            elif (
                grade
                and following.text.islower()
                and len(following.key) > 4
                and "-" not in following.text
                and (self.words.can_be_lower(j) and not self.vocabulary.is_common(following.key))
            ):
                yield self._mention(j, j + 1, first_until=j)

    def _past_complement(self, i: int) -> int:
        """Return the token after « de service », « général des services », or i.

        « le chef de service Orvalec »: lower-case words, then a word that is not French.
        """
        j = i
        while (
            j < min(i + 6, len(self.tokens))
            and self.words.adjacent(j)
            and self.tokens[j].text.islower()
        ):
            j += 1
        if (
            j == i
            or not self.words.adjacent(j)
            or self.words.key(j - 1) in contexts("particule") | contexts("mot_outil")
        ):
            return i
        known = self.words.is_last(j, strong=False) and not self.vocabulary.is_common(
            self.words.key(j)
        )
        return (
            j
            if self.words.key(i) in contexts("complement") and known and not self.tokens[j].caps
            else i
        )

    def _bracketed(self, i: int) -> tuple[int, int, Mention] | None:
        """Return the person of « le proviseur (Orvalec) », of « ORVALEC (proviseur) »."""
        end = self.tokens[i].end
        if self.text[end : end + 2] == " (" and self.words.is_unknown(i + 1):
            stop = self.words.last_from(i + 1, strong=False)
            if self.text[self.tokens[stop - 1].end :][:1] == ")":
                return self._mention(i + 1, stop, first_until=i + 1)
        return None

    def _alone(self) -> Iterator[tuple[int, int, Mention]]:
        """A first name alone: « Christina nous a dit », « avec Karim »; « karim » in live notes."""
        for i, token in enumerate(self.tokens):
            if not is_first_name(token.key) or i in self.places:
                continue
            before, after = self.words.key(i - 1), self.words.key(i + 1)
            spoken = self.words.adjacent(i + 1) and after in contexts("parole") | contexts("pronom")
            led = self.words.adjacent(i) and before in contexts("avant")
            article = self.words.adjacent(i) and before in contexts("article")
            if self.words.unambiguous(i):
                lower = token.text.islower() and len(token.key) > 4
                capital = token.capital and (not token.caps or len(token.key) > 3)
                if capital or (lower and not article):
                    yield self._mention(i, i + 1, first_until=i + 1)
            elif (
                token.capital
                and not token.caps
                and not article
                and not self.vocabulary.is_kept(token.key)
                and (spoken or (led and not self.words.opens(i)) or self._in_enumeration(i))
            ):
                yield self._mention(i, i + 1, first_until=i + 1)

    def _in_enumeration(self, i: int) -> bool:
        """Tell whether a name that is a word stands beside a first name: « Karim et Rose »."""
        for j in (i - 2, i + 2):
            if (
                0 <= j < len(self.tokens)
                and self.words.key((i + j) // 2) in ("et", "ou")
                and self.words.is_first(j)
            ):
                return True
        return False

    def _quoted(self) -> Iterator[tuple[int, int, Mention]]:
        """« selon Orvalec », « tel Orvalec 06… »: no French word, but a capital."""
        for i, token in enumerate(self.tokens):
            if self.words.is_unknown(i) and (opening := _ROLE_AFTER.match(self.text, token.end)):
                said = key_of(opening["role"].split()[0])
                if said in contexts("corps") | roles():
                    yield self._mention(i, self.words.last_from(i, strong=False), first_until=i)
            # « ORVALEC : il faut… »; six letters, as acronyms are shorter.
            labels = (
                i == 0 and token.caps and len(token.text) > 5 and _COLON.match(self.text, token.end)
            )
            if labels and self.words.is_unknown(i):
                yield self._mention(i, i + 1, first_until=i)
            if token.caps or token.initial or not self.words.is_last(i, strong=False):
                continue
            quoted = self.words.adjacent(i) and self.words.key(i - 1) in contexts("dixit")
            inverted = (
                self.words.adjacent(i)
                and self.words.key(i - 1) in contexts("parole")
                and self.text[: self.tokens[i - 1].start].rstrip().endswith((",", "»"))
            )
            if quoted or inverted or _CONTACT.match(self.text, token.end):
                end = self.words.last_from(i, strong=False)
                yield self._mention(i, end, first_until=i)

    def _listed(self, *, listed: bool) -> Iterator[tuple[int, int, Mention]]:
        """« Présents : Dupont (PM), benali, LE GOFF Yann (mairie) »; « Secrétaire : Dupont »."""
        start = 0 if listed else self._list_start()
        if start is None:
            return
        for a, b in pieces(self.text, start):
            inside = [i for i, t in enumerate(self.tokens) if a <= t.start and t.end <= b]
            while inside and (
                self.tokens[inside[0]].key in titles() or self.words.key(inside[0]) == "et"
            ):
                inside.pop(0)
            if not inside or len(inside) > 4:
                continue
            named = len(inside) == 2 and self.tokens[inside[0]].key in first_names()
            if any(i in self.places for i in inside[named:]) and not named:
                continue
            tokens = [self.tokens[i] for i in inside]
            if all(self._is_listed(i) for i in inside):
                first = next((t.key for t in tokens if t.key in first_names()), "")
                last = " ".join(t.key for t in tokens if t.key != first) if first else (
                    " ".join(t.key for t in tokens))  # fmt: skip
                yield (
                    inside[0],
                    inside[-1] + 1,
                    Mention(tokens[0].start, tokens[-1].end, first, last),
                )

    def _is_listed(self, i: int) -> bool:
        token = self.tokens[i]
        if token.text[0].isdigit() or self.words.is_acronym(token) or token.key in acronyms():
            return False
        if token.key in contexts("particule") or token.key in first_names() or token.initial:
            return True
        if token.key in roles() or len(token.key) < 2:
            return False
        if token.text.islower() and self.text != self.text.lower():
            return token.key in last_names()
        return token.key in last_names() or not self.vocabulary.is_common(token.key)

    def _list_start(self) -> int | None:
        """Return where the names begin after « Présents : » and the like, None without one."""
        match = list_label().match(fold_same_length(self.text))
        return match.end() if match else None

    def speaker(self) -> list[Mention]:
        """Return who a speaker's label names, if it is not a role: « ILVOREC », « Mme Orval »."""
        if found := self.mentions():
            return found
        tokens = [t for t in self.tokens if t.key not in contexts("particule")]
        if not tokens or len(self.tokens) > 3 or self.places:
            return []
        if not all(self._can_be_speaker(t) for t in tokens):
            return []
        alone = self.tokens[0]
        if (
            len(self.tokens) == 1
            and alone.caps
            and len(alone.text) < 5
            and alone.key not in last_names()
        ):
            return []
        first = alone.key if len(self.tokens) > 1 and alone.key in first_names() else ""
        last = " ".join(t.key for t in (self.tokens[1:] if first else self.tokens))
        return [Mention(alone.start, self.tokens[-1].end, first, last)]

    def _can_be_speaker(self, token: Token) -> bool:
        if not token.capital or self.words.is_acronym(token):
            return False
        if token.key in roles() | titles() | acronyms() | contexts("mot_outil"):
            return False
        return token.key in last_names() or not self.vocabulary.is_common(token.key)

    def recognised(self, spans: Iterable[tuple[int, int]]) -> Iterator[Mention]:
        """Yield the people among the spans that the language model takes for persons.

        A span is trimmed of titles and French words; words that are not French are a name, unless
        one alone follows « à », « la »… and does not speak (« Orvalec rappelle »).
        """
        for start, end in spans:
            inside = [i for i, t in enumerate(self.tokens) if start <= t.start and t.end <= end]
            whole = len(inside)
            while inside and not self.words.is_last(inside[0], strong=False):
                inside.pop(0)
            while inside and not self.words.is_last(inside[-1], strong=False):
                inside.pop()
            tokens = [self.tokens[i] for i in inside]
            if not tokens or any(t.caps for t in tokens) or len(tokens) > _LONGEST:
                continue
            if not all(
                self.words.is_last(i, strong=False) or self.words.key(i) in contexts("particule")
                for i in inside
            ):
                continue
            if len(inside) == 1 and (whole > 1 or not self._acts_as_person(inside[0])):
                continue
            if self.vocabulary.is_common(tokens[0].key) and len(inside) == 1:
                continue
            first = tokens[0].key if len(inside) > 1 else ""
            last = " ".join(t.key for t in (tokens[1:] if first else tokens))
            yield Mention(tokens[0].start, tokens[-1].end, first, last, sure=False)

    def _acts_as_person(self, i: int) -> bool:
        """Tell whether the word speaks (« Orvalec rappelle »), or follows « selon », « avec »."""
        after, before = self.words.key(i + 1), self.words.key(i - 1)
        if self.words.key(i) in acronyms() | contexts("mot_outil"):
            return False
        if not self.words.adjacent(i) or before not in contexts("avant_lieu"):
            return True
        if after in ("a", "avait", "n") and self.words.key(i + 2) in contexts("parole"):
            return True
        led = before in ("avec", "selon", "chez", "merci", "bonjour", "remercie", "contacter")
        return after in contexts("parole") or led or self.words.key(i) in last_names()


_COLON = re.compile(r"\s*:\s")
# « Orvalec (DGS) », « ORVALEC (police nationale) ».
_ROLE_AFTER = re.compile(r"\s\((?P<role>[^()]{2,60})\)")
# What may stand between a role and a name: « chef de service Orvalec ».
# An e-mail or a phone just after a word: the word is who it belongs to.
_CONTACT = re.compile(
    r"\s*[:,(=–-]{0,2}\s*(?:au\s+)?(?:0[\s.]?[1-9](?:[\s.-]?\d){6}|\+33|[\w.+-]+@)"
)
# « adjoint Sécurité », « chargée Prévention »: what a role is about, not a name.
_SUBJECT = re.compile(
    r"(?:te|tion|sion|ance|ence|ment|ure|isme|ique|erie|age|rie|ie|eur|oire|al|aux|if|ives?|nale?|s|x)$"
)


def _is_like_surname(key: str) -> bool:
    return key in last_names() or not _SUBJECT.search(key)
