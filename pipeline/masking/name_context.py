"""What each word of a text can be, from its shape and neighbours: a place, a first or last name."""

import itertools
import re

from pipeline.masking.name_words import (
    Mention,
    Token,
    Vocabulary,
    acronyms,
    contexts,
    first_names,
    is_first_name,
    last_names,
    names_that_are_words,
    particle_starts,
    roles,
    titles,
    tokens_of,
)

# What a scheme is called: « dispositif « Demandez Angela » ».
_TITLE = re.compile(r"\s?[«“\"][^«»“”\"]{2,60}[»”\"]")
# « Bonneval-le-Haut », « Pont-Sainte-Aure » as tokens: no one is called so.
_TOWN_SHAPE = re.compile(r"\w (?:saint|sainte|sur|sous|les|lez|le|la|en|aux|du|des|de la|l) \w")
VOWEL = re.compile(r"[aeiouy]")
MIDDLE_NAMES = ("van", "thi")  # between the last name and the first: « Nguyen Van Tam »
LONGEST = 5  # tokens in a person's name, particles included
Found = tuple[int, int, Mention]  # first token, token after the last, who


class Words:
    """The words of one text; `places`: the tokens that name a place, a law, an institution."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.tokens = tokens_of(text)
        gaps = [text[a.end : b.start] for a, b in itertools.pairwise(self.tokens)]
        self._adjacent = [False, *(g.strip() in ("", "-") and "\n" not in g for g in gaps)]
        self.places = self._places()

    def adjacent(self, i: int) -> bool:
        """Tell whether only spaces or a hyphen part token i from the one before."""
        return 0 < i < len(self.tokens) and self._adjacent[i]

    def opens(self, i: int) -> bool:
        """Tell whether token i begins a sentence, where any word has a capital."""
        if i == 0:
            return True
        between = self.text[self.tokens[i - 1].end : self.tokens[i].start]
        return bool(re.search(r"[.!?…:;|\n«»•–—(\"-]", between)) or (
            self.tokens[i - 1].text.endswith(".") and self.tokens[i - 1].key not in titles()
        )

    def opens_line(self, i: int) -> bool:
        """Tell whether token i is the first of its line, number or bullet apart."""
        line = self.text[: self.tokens[i].start].rpartition("\n")[2]
        return not line.strip(" \t\u00a0\u202f-–—•*>→+·(0123456789.)")

    def follows_article(self, i: int) -> bool:
        """Tell whether an article stands just before token i: « la », not « là »."""
        before = self.tokens[i - 1] if self.adjacent(i) else None
        return before is not None and before.key in contexts("article") and before.text != "là"

    def follows_initial(self, i: int) -> bool:
        """Tell whether an initial that begins a name stands just before: « J. » of « J. M. ».

        In « avec Karim B. M. Orvalec ajoute » it ends one.
        """
        if not self.adjacent(i) or not re.fullmatch(r"[A-ZÀ-Þ]\.", self.tokens[i - 1].text):
            return False
        return self.key(i - 1) != "m" and not (self.adjacent(i - 1) and self.is_first(i - 2))

    def key(self, i: int) -> str:
        """Return the key of token i, "" outside the text."""
        return self.tokens[i].key if 0 <= i < len(self.tokens) else ""

    def _places(self) -> set[int]:
        """Return the tokens that name a place, a law, a scheme: « place Victor-Hugo »."""
        found: set[int] = set()
        for i, token in enumerate(self.tokens):
            if token.key.startswith(("saint ", "sainte ")) or _TOWN_SHAPE.search(token.key):
                found.add(i)
            of, bare = token.key in contexts("lieu_de"), token.key in contexts("lieu")
            if not of and not bare:
                continue
            if bare and (title := _TITLE.match(self.text, token.end)):
                # « le dispositif « Demandez Angela » »
                quoted = (k for k, t in enumerate(self.tokens) if token.end < t.end <= title.end())
                found.update(quoted)
                continue
            j = i + 1
            while self._follows(j) and self.key(j) in contexts("lieu_adjectif") and j < i + 3:
                j += 1
            while of and self.adjacent(j) and self.key(j) in contexts("particule") and j < i + 4:
                j += 1
            if bare and self.key(j) in ("de", "d") and token.key in contexts("de_nom"):
                continue  # « le rapport Orvalec » is called so, « le rapport d'Orvalec » is hers
            linked = j > i + 1 and self.key(j - 1) in contexts("particule")
            while self._follows(j) and self._is_place_word(j, linked=linked):
                found.add(j)
                j += 1
        return found | self._kept()

    def _follows(self, j: int) -> bool:
        """Tell whether token j follows the one before, or its abbreviation: « av. Viton »."""
        if j >= len(self.tokens) or self.adjacent(j):
            return j < len(self.tokens)
        between = self.text[self.tokens[j - 1].end : self.tokens[j].start]
        return between.strip() == "." and len(self.tokens[j - 1].text) < 5

    def _is_place_word(self, j: int, *, linked: bool) -> bool:
        token = self.tokens[j]
        if token.key in titles() and (not linked or not token.capital):
            return False
        if token.key in contexts("particule") and not token.capital:
            return (
                self.adjacent(j + 1)
                and self.tokens[j + 1].capital
                and (self.key(j + 1) not in titles())
            )
        lower_first = token.key in first_names() and not self.vocabulary.is_common(token.key)
        return token.capital or (lower_first and not linked)

    def _kept(self) -> set[int]:
        """Return the tokens of the phrases that are never names, the longest first."""
        found: set[int] = set()
        starts = self.vocabulary.kept_starts
        for i, token in enumerate(self.tokens):
            if token.key.partition(" ")[0] not in starts:
                continue
            for size in range(min(5, len(self.tokens) - i), 0, -1):
                if self.tokens[i].text == "là" or (
                    size > 1 and not all(self.adjacent(j) for j in range(i + 1, i + size))
                ):
                    continue
                phrase = " ".join(t.key for t in self.tokens[i : i + size])
                if self.vocabulary.is_kept(phrase):
                    found.update(range(i, i + size))
                    break
        return found

    def is_last(self, i: int, *, strong: bool, city: bool = False) -> bool:
        """Tell whether token i can be a last name; `strong`: after a title or a first name.

        `city`: names of cities as well (« Mme Orvault », as the town near Nantes).
        """
        if i >= len(self.tokens) or i < 0:
            return False
        token = self.tokens[i]
        if not token.capital or len(token.key) < 2 or token.text.isdigit() or token.initial:
            return False
        if self.is_acronym(token) or (
            i in self.places and not (strong and self._bare_city(i, city=city))
        ):
            return False
        if token.key in titles() or (token.key in roles() and not (strong and token.caps)):
            return False
        if strong:
            dated = city and token.key in contexts("jour_ou_mois")  # « Mme Avril »
            return dated or token.key not in contexts("mot_outil")
        return not self.vocabulary.is_common(token.key) or token.key in last_names()

    def _bare_city(self, i: int, *, city: bool) -> bool:
        """Tell whether a kept word is one that people are named as well (« Mme Paris »)."""
        key = self.tokens[i].key
        named_so = city and self.vocabulary.is_kept(key)
        return named_so or key in last_names() or key.startswith(("saint ", "sainte "))

    def is_acronym(self, token: Token) -> bool:
        """Tell whether a token in capitals is an acronym rather than a name: « CLSPD », « PM »."""
        if not token.caps and not any(c.isdigit() for c in token.text):
            return False
        known = token.key in acronyms() and token.caps
        return (
            known
            or (len(token.text) < 3 and token.key not in last_names())
            or (not VOWEL.search(token.key))
        )

    def is_first(self, i: int) -> bool:
        """Tell whether token i is a first name with a capital, and names no place."""
        token = self.tokens[i] if i < len(self.tokens) else None
        if token is None or not token.capital or token.initial:
            return False
        if i in self.places and not (
            # « Florence Orvalec », « Toussaint Orvalec »: a city or a feast, then no French word.
            self.vocabulary.is_kept(token.key)
            and self.adjacent(i + 1)
            and self.is_last(i + 1, strong=False)
        ):
            return False
        return is_first_name(token.key)

    def last_from(self, i: int, *, strong: bool, city: bool = False) -> int:
        """Return the end of the last name that begins at token i, particles included; i if none."""
        whole_sizes = (3, 2) if self.key(i).partition(" ")[0] in particle_starts() else ()
        for size in whole_sizes:  # « Le Bars », « Van den Bosch »: known as a whole
            whole = self.tokens[i : i + size]
            adjacent = all(self.adjacent(k) for k in range(i + 1, i + size))
            if adjacent and " ".join(t.key for t in whole) in last_names() and whole[-1].capital:
                return i + size
        j = i
        while j < i + 3 and (j == i or self.adjacent(j)) and self.key(j) in contexts("particule"):
            j += 1
        # « El Fassi », « Ben Salah »: what follows such a particle is a name, French word or not.
        sure = j > i and self.tokens[i].capital and self.key(i) in contexts("particule_sure")
        if j > i and not (self.adjacent(j) and self.is_last(j, strong=strong or sure)):
            if strong and j == i + 2 and self.tokens[i].capital and self.tokens[i + 1].capital:
                return j  # « Le Du », « Le Dû »
            j = i
        if not self.is_last(j, strong=strong or sure, city=city and j == i):
            return i
        end = j + 1
        while end < i + LONGEST and self.adjacent(end):
            middle = self.key(end) in MIDDLE_NAMES
            if (self.key(end) in contexts("particule") or middle) and self.tokens[end].capital:
                if not self.is_last(end + 1, strong=False) and not middle:
                    break
            elif not self._goes_on(end) and not self._ends_middle(i, end, strong=strong):
                break
            end += 1
        return end

    def _ends_middle(self, start: int, i: int, *, strong: bool) -> bool:
        """Tell whether token i follows a middle name: « Nguyen Van Tam »."""
        middle = i > start + 1 and self.key(i - 1) in MIDDLE_NAMES
        return middle and self.is_last(i, strong=strong)

    def _goes_on(self, i: int) -> bool:
        """Tell whether token i, a capital after a last name, belongs to it."""
        token, before = self.tokens[i], self.tokens[i - 1]
        if not self.is_last(i, strong=False) or i in self.places:
            return False
        return token.caps == before.caps or before.key in first_names()

    def near(self, i: int) -> bool:
        """Tell whether token i follows its title: spaces, a full stop, a comma read by mistake."""
        if i >= len(self.tokens):
            return False
        between = self.text[self.tokens[i - 1].end : self.tokens[i].start]
        return between.strip() in ("", ".", "·", "-") and "\n" not in between

    def can_be_lower(self, i: int) -> bool:
        """Tell whether token i can be a last name in lower case, after « mme » or a first name."""
        token = self.tokens[i]
        # « m. saint-aubin », « mme wattrelos »: a town's name, and someone's.
        town = token.key.startswith(("saint ", "sainte ")) or self.vocabulary.is_kept(token.key)
        if len(token.key) < 3 or token.text[0].isdigit() or (i in self.places and not town):
            return False
        if token.key in contexts("mot_outil") | contexts("article") | contexts("parole") | roles():
            return False
        return token.key not in acronyms() and not token.key.startswith(("adjoint", "chef"))

    def unambiguous(self, i: int) -> bool:
        """Tell whether a first name is nothing else: not a common word, not a city."""
        token = self.tokens[i]
        if self.vocabulary.is_kept(token.key):
            return False
        if token.capital:
            return token.key not in names_that_are_words()
        return not self.vocabulary.is_common(token.key)

    def is_unknown(self, i: int) -> bool:
        """Tell whether token i has a capital and is neither French nor an acronym."""
        if i >= len(self.tokens) or not self.is_last(i, strong=False):
            return False
        token = self.tokens[i]
        return not self.vocabulary.is_common(token.key) and (not token.caps or len(token.text) > 4)

    def mention(
        self, start: int, end: int, *, first_until: int, civility: str = "", sure: bool = True
    ) -> Found:
        """Return who tokens start to end name; those before `first_until` are first names."""
        first = " ".join(t.key for t in self.tokens[start:first_until])
        last = " ".join(t.key for t in self.tokens[first_until:end])
        place = self.tokens[start].start, self.tokens[end - 1].end
        if first_until == start and end - start == 3 and self.key(start + 1) in MIDDLE_NAMES:
            # « Nguyen Van Tam », « Tam » afterwards
            first, last = self.key(end - 1), f"{self.key(start)} {self.key(start + 1)}"
        return start, end, Mention(*place, first, last, civility, sure)
