"""Words as names see them: tokens and their keys, first and last names, what is never a name."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import ascii_lowercase

from pipeline.french import fold, lexicon

_TOKEN = re.compile(
    # « l'adjointe » is two words, « N'Diaye » and « M'Bappé » are one.
    r"(?:(?:jusqu|lorsqu|puisqu|quoiqu|qu|[dlsjct]|[nm](?!['’](?-i:[B-DF-HJ-NP-TV-XZ])))['’](?=\w))|[A-ZÀ-Þ]\.(?:-?[A-ZÀ-Þ]\.)*(?!\w)"
    r"|[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))*|\d+",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"video|ultra|inter|anti|multi|cyber|micro|tele|auto|intra|extra|pluri|radio")
_CONJUGATION = re.compile(r"(?:e|es|ent|ait|aient|a|era|erait|eront|ee|ees)$")
_TOWN = 20_000  # inhabitants from which a name is the town's unless a title says otherwise
_DIGITS_AS_LETTERS = str.maketrans("0151", "olsl")


@dataclass(frozen=True)
class Token:
    """A word of a text; `key` compares it with others: folded, hyphens as spaces."""

    text: str
    start: int
    end: int
    key: str

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def caps(self) -> bool:
        """Whether it is two capitals or more and nothing else."""
        return len(self.text) > 1 and self.text.isupper() and "." not in self.text

    @property
    def initial(self) -> bool:
        """Whether it is « J. », « J.-P. »."""
        return self.text.endswith(".") or (
            len(self.text) == 1 and self.text.isupper() and self.text not in "AÀYÔ"
        )


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


@dataclass(frozen=True)
class Vocabulary:
    """What words are, to tell a name from another capital."""

    words: frozenset[str]  # common words of French, folded
    keep: frozenset[str]  # never names: cities, institutions, acronyms, the analyst's own list

    def is_common(self, key: str) -> bool:
        """Tell whether a word is French, in the singular or plural."""
        plain = key.replace("'", "")
        forms = {key, plain, plain.removesuffix("s")}
        forms |= {plain[:-1]} if plain.endswith(("aux", "eux", "oux")) else set()
        forms |= {
            plain.removesuffix("e"),
            plain.removesuffix("es"),
            plain.removesuffix("aux") + "al",
        }
        # « vidéoprotection », « ultradroite »: made of a prefix and a word.
        prefixed = _PREFIX.match(plain)
        if prefixed and len(plain) - prefixed.end() > 3:
            forms |= {plain[prefixed.end() :], plain[prefixed.end() :].removesuffix("s")}
        return any(form in self.words for form in forms) or (
            " " in key and all(self.is_common(part) for part in key.split())
        )

    def is_nearly_common(self, key: str) -> bool:
        """Tell whether a word is a French word but for one letter: « comissaire », « prefete »."""
        cuts = [(key[:i], key[i:]) for i in range(len(key) + 1)]
        near = {a + b[1:] for a, b in cuts if b}
        near |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        near |= {a + c + b[n:] for a, b in cuts for c in ascii_lowercase for n in (0, 1)}
        return any(self.is_common(word) or self.is_kept(word) for word in near)

    @functools.cached_property
    def kept_starts(self) -> frozenset[str]:
        """The first words of what is never a name: a text is searched where one stands."""
        return frozenset(key.partition(" ")[0] for key in self.keep)

    def is_kept(self, key: str) -> bool:
        """Tell whether a word or phrase is a city, an institution or another name of no person."""
        return key in self.keep


def tokens_of(text: str) -> list[Token]:
    """Return the words of `text`; « d' » and « l' » are words of their own."""
    return [Token(m.group(), m.start(), m.end(), key_of(m.group())) for m in _TOKEN.finditer(text)]


@functools.lru_cache(maxsize=50_000)
def key_of(word: str) -> str:
    """Return what a name is compared by: no case, accent or hyphen; « DUP0NT » read as letters."""
    key = re.sub(r"[-.'’]", " ", fold(word))
    if len(key) > 3 and any(c.isdigit() for c in key) and sum(c.isalpha() for c in key) >= 3:
        key = key.translate(_DIGITS_AS_LETTERS)
    return " ".join(key.split())


@functools.cache
def contexts(kind: str) -> frozenset[str]:
    """Return the keys of the forms of one kind in `lexicons/name_contexts.csv`."""
    return frozenset(key_of(r["form"]) for r in lexicon("name_contexts") if r["kind"] == kind)


@functools.cache
def first_names() -> dict[str, str]:
    """Return the gender (m, f, x) of each first name, by key."""
    return {key_of(row["first_name"]): row["gender"] for row in lexicon("first_names")}


@functools.cache
def names_that_are_words() -> frozenset[str]:
    """Return the keys of the first names that are common words as well: « Rose »."""
    return frozenset(key_of(r["first_name"]) for r in lexicon("first_names") if r["word"])


@functools.cache
def is_first_name(key: str) -> bool:
    """Tell whether a key is a first name, or two joined by a hyphen (« rose aimee »)."""
    parts = key.split()
    return key in first_names() or (len(parts) == 2 and all(p in first_names() for p in parts))


@functools.cache
def last_names() -> frozenset[str]:
    """Return the keys of frequent last names."""
    return frozenset(key_of(row["last_name"]) for row in lexicon("last_names"))


@functools.cache
def never_names() -> frozenset[str]:
    """Return the keys of what is no one's name: towns, institutions, countries, schemes, brands.

    A form without its article is one too: « rochelle ».
    """
    terms = {row["term"] for row in lexicon("not_names") if row["kind"] != "sigle"}
    # « Saint-Rémy-lès-Chevreuse »: no one's name whatever its size.
    towns = {
        key_of(row["name"])
        for row in lexicon("communes")
        if int(row["inhabitants"]) >= _TOWN or "-" in row["name"]
    }
    return without_articles(terms | {row["name"] for row in lexicon("cities")}) | towns


def without_articles(terms: Iterable[str]) -> frozenset[str]:
    """Return the keys of terms, with and without the article they begin with."""
    keys = {key_of(term) for term in terms}
    return frozenset(keys | {re.sub(r"^(?:l|la|le|les) ", "", key) for key in keys})


@functools.cache
def small_towns() -> frozenset[str]:
    """Return the keys of towns so small that their name is as well someone's: « Mme Sorgues »."""
    return frozenset(key_of(row["name"]) for row in lexicon("communes")) - never_names()


@functools.cache
def speaks(key: str) -> bool:
    """Tell whether a word is what people do, in the third person: « rappelle », « proposait »."""
    return key in contexts("parole") or _conjugates(key, "verbe")


@functools.cache
def is_done_to_people(key: str) -> bool:
    """Tell whether a verb has people for object: « rejoint », « remercie », « remplacer »."""
    return key in contexts("verbe_objet") or _conjugates(key, "verbe_objet")


def _conjugates(key: str, kind: str) -> bool:
    """Tell whether a word is a third person of a regular verb of `name_contexts.csv`."""
    stem = _CONJUGATION.sub("", key)
    return stem != key and any(form in contexts(kind) for form in _infinitives(stem))


def _infinitives(stem: str) -> Iterator[str]:
    """« rappel(le) » → rappeler, « chang(e)ait » → changer, « appui(e) » → appuyer."""
    yield f"{stem}er"
    yield f"{stem.removesuffix('e')}er"
    if stem[-2:-1] == stem[-1:]:
        yield f"{stem[:-1]}er"
    if stem.endswith("i"):
        yield f"{stem[:-1]}yer"


# What ends the words of administration (« Sécurité », « Prévention », « Éclairage »), not names.
_ABSTRACT = re.compile(
    r"(?:te|tion|sion|ance|ence|ment|ure|isme|ique|erie|age|rie|ie|oire|al|aux|if|ives?|nale?|s|x)$"
)


@functools.cache
def is_like_surname(key: str) -> bool:
    """Tell whether a French word may be someone's last name: « Pommier », unlike « Sécurité ».

    Roles, services, subjects of the consultation, plurals and abstract nouns are not.
    """
    if key in last_names():
        return True
    return len(key) > 3 and not _ABSTRACT.search(key) and key not in _subjects()


@functools.cache
def _subjects() -> frozenset[str]:
    """Return the words that name what consultations are about, roles and services included."""
    kinds = ("corps", "lieu", "lieu_de", "lieu_adjectif", "grade", "role", "mot_outil", "parole",
             "participe", "attribut", "article", "verbe", "particule", "libelle_de_noms",
             "clitique", "sujet", "libelle", "libelle_de_noms", "libelle_sur")  # fmt: skip
    terms = {key_of(r["term"]) for r in lexicon("concepts")}
    return frozenset(terms | acronyms() | titles() | never_names()).union(*map(contexts, kinds))


def is_told(before: str) -> bool:
    """Tell whether a text ends with what is said to people: « demander », « la parole est »."""
    words = [key_of(word) for word in re.split(r"[.;:!?,]", before)[-1].split()[-5:]]
    told = contexts("a_nom")
    if not words:
        return False
    near = words[-1] in told or (words[-1] == "est" and words[-2:-1] and words[-2] in told)
    return bool(near) or any(word in contexts("a_nom_loin") for word in words)


@functools.cache
def particle_starts() -> frozenset[str]:
    """Return the first words of the last names known with their particle: « le » of « Le Goff »."""
    return frozenset(name.partition(" ")[0] for name in last_names() if " " in name)


@functools.cache
def titles() -> frozenset[str]:
    """Return the keys of the titles of courtesy: « mme », « me », « dr »."""
    return contexts("civilite_m") | contexts("civilite_f") | contexts("civilite")


@functools.cache
def roles() -> frozenset[str]:
    """Return the keys of ranks and functions: « commissaire », « adjointe »."""
    return contexts("grade") | contexts("role")


@functools.cache
def acronyms() -> frozenset[str]:
    """Return the acronyms that are known, by key."""
    known = {key_of(r["term"]) for r in lexicon("not_names") if r["kind"] == "sigle"}
    known |= {key_of(r["term"]) for r in lexicon("concepts") if r["kind"] == "acronyme"}
    return frozenset(known | {key_of(r["abbreviation"]) for r in lexicon("abbreviations")})
