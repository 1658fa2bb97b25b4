"""French as the digests write it: numbers, plurals, lists, places, dates, typography, sentences.

Every sentence a digest computes is a template of this module, so that reading it once is enough
to know all that a digest can say by itself; the rest is verbatim.
"""

import re
from collections.abc import Mapping, Sequence

from pipeline.french import lexicon

NARROW = "\u202f"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
KEY_TAGS = ("constat", "frein", "bonne_pratique", "proposition")
ANSWER_TAGS = ("bonne_pratique", "proposition")

_WHITE = re.compile(r"[^\S\u00a0\u202f]+")
_BEFORE_MARK = re.compile(r"(?<=[^\s«])[ \u00a0\u202f]*([;:!?]+)(?=[\s»)\]”]|$)")
_SPACED_MARK = re.compile(r"(?<=\S)[ \u00a0]+([;:!?%])")
_OPENING = re.compile(r"«\s*(?=\S)")
_CLOSING = re.compile(r"(?<=\S)\s*»")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def typeset(text: str) -> str:
    """Return `text` with French spaces before ; : ! ? and inside « », words untouched.

    Control and direction-changing characters, which a reader cannot see, are dropped; times
    (14:30) and addresses (https:) keep their colon.
    """
    text = "".join(c for c in text if c.isprintable() or c.isspace())
    text = _WHITE.sub(" ", text).strip()
    text = _BEFORE_MARK.sub(rf"{NARROW}\1", text)
    text = _SPACED_MARK.sub(rf"{NARROW}\1", text)
    text = _OPENING.sub(f"«{NARROW}", text)
    return _CLOSING.sub(f"{NARROW}»", text)


def quoted(text: str) -> str:
    """Return `text` between French quotation marks; inner « » become “ ” as usage has it."""
    inner = typeset(text).replace(f"«{NARROW}", "“").replace(f"{NARROW}»", "”")
    return f"«{NARROW}{inner}{NARROW}»"


def number(value: int) -> str:
    """Return a whole number with its thousands apart: 12345 → « 12 345 »."""
    return f"{value:,}".replace(",", NARROW)


def decimal(value: float) -> str:
    """Return a number between 0 and 1 with two decimals and a comma."""
    return f"{value:.2f}".replace(".", ",")


def percent(share: float) -> str:
    """Return a share (0 to 1) as a whole percentage, without rounding something to nothing."""
    if 0 < share < 0.005:
        return f"moins de 1{NARROW}%"
    return f"{share * 100:.0f}{NARROW}%"


def between(low: float, high: float) -> str:
    """Return an interval of shares: « 3 à 12 % »."""
    return f"{low * 100:.0f} à {high * 100:.0f}{NARROW}%"


def plural(noun: str) -> str:
    """Return the plural of a regular noun and its adjectives: « tables rondes »."""
    return " ".join(word if word.endswith(("s", "x", "z")) else f"{word}s" for word in noun.split())


def count(value: int, noun: str, plural_noun: str = "") -> str:
    """Return a number and its noun, agreed: 0 and 1 take the singular in French."""
    return f"{number(value)} {noun if abs(value) < 2 else plural_noun or plural(noun)}"


def tag_label(tag: str) -> dict[str, str]:
    """Return the row of `lexicons/tag_labels.csv` for `tag`: label, plural, gender, definition."""
    return next(row for row in lexicon("tag_labels") if row["tag"] == tag)


def count_tag(value: int, tag: str) -> str:
    """Return « 1 frein », « 3 bonnes pratiques »."""
    label = tag_label(tag)
    return count(value, label["label"], label["plural"])


def no_tag(tag: str) -> str:
    """Return « aucun frein », « aucune proposition »."""
    label = tag_label(tag)
    return f"{'aucune' if label['gender'] == 'f' else 'aucun'} {label['label']}"


def tag_heading(tag: str, value: int = 2) -> str:
    """Return the tag's name as a heading, in the plural unless there is only one."""
    label = tag_label(tag)
    name = label["plural"] if value > 1 else label["label"]
    return capital(name)


def capital(text: str) -> str:
    """Return `text` with its first letter in capital, the others untouched."""
    return text[:1].upper() + text[1:]


def listing(items: Sequence[str]) -> str:
    """Return « A », « A et B » or « A, B et C »."""
    *head, last = items or ("",)
    return f"{', '.join(head)} et {last}" if head else last


def at(city: str) -> str:
    """Return where: « à Vaubrune », « au Havre », « aux Abymes », « à La Rochelle »."""
    for article, contracted in (("Le ", "au "), ("Les ", "aux ")):
        if city.startswith(article):
            return contracted + city.removeprefix(article)
    return f"à {city}"


def places(cities: Sequence[str]) -> str:
    """Return « à A, à B et au C »."""
    return listing([at(city) for city in cities])


def date(iso: str) -> str:
    """Return an ISO date (year, month or day) in French; other texts as they are."""
    match = _ISO_DATE.fullmatch(iso)
    if not match or not 1 <= int(match[2] or 1) <= len(MONTHS):
        return iso
    year, month, day = match.groups()
    name = MONTHS[int(month) - 1] if month else ""
    ordinal = "1er" if day == "01" else (day or "").lstrip("0")
    return " ".join(part for part in (ordinal, name, year) if part)


def round_table(identifier: str) -> str:
    """Return « TR1 – Police municipale », or « Sans table ronde » when none is known."""
    labels = {row["id"]: row["label"] for row in lexicon("round_table_labels")}
    if identifier not in labels:
        return "Sans table ronde"
    return f"{identifier} – {labels[identifier]}"


def round_tables(identifiers: Sequence[str]) -> str:
    """Return one round table with its name, several by their short names: « TR2 et TR3 »."""
    if len(identifiers) > 1:
        return listing(sorted(identifiers))
    return round_table(identifiers[0] if len(identifiers) else "")


def tag_counts(counts: Mapping[str, int], tags: Sequence[str] = KEY_TAGS) -> str:
    """Return « 12 constats, 1 frein et 3 propositions », leaving out what was not found."""
    return listing([count_tag(counts[tag], tag) for tag in tags if counts.get(tag, 0)])


def coverage(documents: int, cities: Sequence[str], round_tables: int, statements: int) -> str:
    """Return the sentence saying what a digest rests on."""
    tables = f", dans {count(round_tables, 'table ronde')}" if round_tables else ""
    towns = f"{count(len(cities), 'ville')} ({listing(cities)})" if cities else "aucune ville"
    return typeset(
        f"Cette restitution repose sur {count(documents, 'document')} de {towns}{tables} : "
        f"{count(statements, 'énoncé')} en tout."
    )


def informative(informing: int, aside: int, copies: int) -> str:
    """Return what is kept of all statements: those that inform, hors-champ, counted once."""
    kept = "informe" if informing < 2 else "informent"
    text = f"{count(informing, 'énoncé')} {kept} la commission"
    if aside:
        text += f" ; {count_tag(aside, 'autre')} (déroulé, remerciements) "
        text += "n’est pas compté" if aside == 1 else "ne sont pas comptés"
    if copies:
        subject = "se trouve" if copies == 1 else "se trouvent"
        text += f" ; {count(copies, 'énoncé')} {subject} dans plusieurs villes à la fois : "
        text += "compté une seule fois" if copies == 1 else "chacun est compté une seule fois"
    return typeset(f"{text}.")


def reach(cities: Sequence[str], all_cities: int) -> str:
    """Return « soulevé dans 3 villes sur 5 : A, B et C », with its special cases."""
    if all_cities == 1:
        return "soulevé dans la seule ville qui a contribué"
    if not cities:
        return typeset("aucun énoncé compté : seulement des énoncés hors-champ")
    if len(cities) == all_cities:
        return (
            "soulevé dans les deux villes"
            if all_cities == 2
            else (f"soulevé dans les {all_cities} villes")
        )
    return typeset(
        f"soulevé dans {count(len(cities), 'ville')} sur {all_cities} : {listing(cities)}"
    )


def sentence(text: str) -> str:
    """Return `text` with a capital and a full stop."""
    return f"{capital(text)}." if text else ""


def theme_size(counts: Mapping[str, int], informing: int) -> str:
    """Return a theme's number of statements out of all those that inform, then by tag."""
    total = sum(counts.get(tag, 0) for tag in KEY_TAGS)
    if not total:
        return "Ce thème ne contient que des énoncés hors-champ."
    share = f"soit {percent(total / informing)} des {count(informing, 'énoncé')} comptés"
    share = share if informing > 1 else "le seul compté"
    return typeset(f"{count(total, 'énoncé')}, {share} : {tag_counts(counts)}.")


def shared_theme(cities: int, all_cities: int, counts: Mapping[str, int]) -> str:
    """Return what a theme raised in all or most cities counts, and in how many cities."""
    where = f"{count(cities, 'ville')} sur {all_cities}, " if cities < all_cities else ""
    return f"{where}{tag_counts(counts)}."


def open_obstacles(cities: int, counts: Mapping[str, int]) -> str:
    """Return « 9 freins dans 4 villes, pour 2 réponses (1 bonne pratique et 1 proposition) »."""
    answers = sum(counts.get(tag, 0) for tag in ANSWER_TAGS)
    obstacles = f"{count_tag(counts['frein'], 'frein')} dans {count(cities, 'ville')}"
    if not answers:
        return f"{obstacles}, sans bonne pratique ni proposition."
    detail = tag_counts(counts, ANSWER_TAGS)
    return f"{obstacles}, pour {count(answers, 'réponse')} ({detail})."


def known_answers(value: int, cities: Sequence[str]) -> str:
    """Return how many good practices exist, and where."""
    return f"{count_tag(value, 'bonne_pratique')}, {places(cities)}."


def one_city(city: str, counts: Mapping[str, int]) -> str:
    """Return what one city alone raised."""
    return f"{tag_counts(counts)}, {at(city)} seulement."


def evoked(tag: str, value: int, cities: Sequence[str]) -> str:
    """Return, for counts too small to compare, only where a tag was found."""
    feminine = "e" if tag_label(tag)["gender"] == "f" else ""
    agreed = f"évoqué{feminine}" + ("s" if value > 1 else "")
    return f"{tag_heading(tag, value)} {agreed} {places(cities)}."


def contrast(tag: str, city: str, inside: tuple[int, int], outside: tuple[int, int]) -> str:
    """Return a measured difference: a city's (n, denominator) against the other cities'."""
    share, others = inside[0] / inside[1], outside[0] / outside[1]
    more = "plus" if share > others else "moins"
    name = tag_label(tag)["plural"]
    return typeset(
        f"{capital(at(city))}, ce thème pèse {more} qu’ailleurs parmi les {name} : "
        f"{number(inside[0])} sur {number(inside[1])} ({percent(share)}), contre "
        f"{number(outside[0])} sur {number(outside[1])} ({percent(others)}) dans les autres villes."
    )


def no_contrast(*, tested: bool) -> str:
    """Return what to say when no difference between cities can be told from chance."""
    if not tested:
        return "Trop peu d’énoncés pour comparer les villes sur ce thème."
    return "Aucune différence entre villes ne se distingue du hasard sur ce thème."


def heat_title(tag: str, city: str, n: int, denominator: int) -> str:
    """Return the finding of a city × tag chart: where the theme weighs most in its main tag."""
    return typeset(
        f"C’est {at(city)} que ce thème pèse le plus parmi les {tag_label(tag)['plural']} : "
        f"{number(n)} sur {number(denominator)} ({percent(n / denominator)})"
    )


def theme_chart_title(obstacles: Sequence[tuple[str, int]]) -> str:
    """Return the finding of the chart of themes: which (label, obstacles) has the most."""
    most = max(n for _, n in obstacles)
    first = [label for label, n in obstacles if n == most]
    if not most:
        return "Aucun thème ne compte de frein"
    if len(first) > 1:
        return typeset(
            f"Le plus de freins : {listing([quoted(label) for label in first])} ({most} chacun)"
        )
    return typeset(f"Le plus de freins : {quoted(first[0])} ({most})")


def measured(label: str, figure: str) -> str:
    """Return a quality figure as a sentence."""
    return typeset(f"F-mesure du classement automatique, {label[0].lower()}{label[1:]} : {figure}.")


def chosen(shown: int, total: int, tag: str) -> str:
    """Return how many of a theme's statements are quoted."""
    if shown >= total:
        return ""
    feminine = "e" if tag_label(tag)["gender"] == "f" else ""
    text = f"{number(shown)} sur {count_tag(total, tag)}"
    if shown == 1:
        return f"{text}."
    return f"{text}, réparti{feminine}s entre villes et documents."


def pairs_shown(shown: int, matched: int, obstacles: int) -> str:
    """Return how many obstacles have an answer elsewhere, and how many are shown."""
    verb = "a" if matched < 2 else "ont"
    text = f"{count_tag(matched, 'frein')} sur {number(obstacles)} {verb} une réponse proche "
    text += "dans une autre ville"
    if shown < matched:
        text += f" ; {number(shown)} {'est montré' if shown == 1 else 'sont montrés'} ici"
    return typeset(
        f"{text}. Rapprochements par la ressemblance des textes : à discuter entre villes."
    )


def round_table_said(documents: int, cities: Sequence[str], counts: Mapping[str, int]) -> str:
    """Return what a round table gathered."""
    if not sum(counts.values()):
        return "Aucun énoncé compté."
    return typeset(
        f"{count(documents, 'document')}, {count(len(cities), 'ville')} : {tag_counts(counts)}."
    )


def files_read(read: int, refused: int, duplicated: int) -> str:
    """Return what became of the files received."""
    text = f"{count(read + refused, 'fichier reçu')} : {count(read, 'lu')}"
    text += f", {count(refused, 'refusé')}"
    if duplicated:
        text += f" ; parmi les fichiers lus, {number(duplicated)} "
        text += "en répète un autre" if duplicated == 1 else "en répètent un autre"
    return typeset(f"{text}.")


def score(value: float, low: float | None, high: float | None) -> str:
    """Return a quality figure with its 95 % interval when known."""
    if low is None or high is None:
        return decimal(value)
    return typeset(f"{decimal(value)} (intervalle à 95 % : {decimal(low)} à {decimal(high)})")


def without_theme(quotes: int, aside: int) -> str:
    """Return how many statements belong to no theme."""
    text = f"{count(quotes, 'énoncé')} {'n’entre' if quotes < 2 else 'n’entrent'} dans aucun thème"
    return typeset(f"{text}, dont {count_tag(aside, 'autre')}." if aside else f"{text}.")


HOW_TO_READ = typeset(
    "Chaque phrase des documents (un « énoncé ») a été classée automatiquement ; les citations "
    "sont reprises mot pour mot, avec leur source. Les nombres comptent des énoncés, non des "
    "personnes : une ville qui a envoyé plus de notes en compte davantage."
)
NO_THEME = "Les documents reçus ne suffisent pas à former des thèmes."
CHART_DESCRIPTION = "Les mêmes nombres sont dans le tableau qui suit."
LIMITS = tuple(
    typeset(text)
    for text in (
        "Les nombres comptent des énoncés relevés dans les documents reçus : ils disent ce qui a "
        "été dit et noté, non ce que pensent les habitants, ni la fréquence des faits.",
        "Les villes n’ont pas envoyé le même nombre de documents ni les mêmes formats : on compare "
        "donc des parts, et seulement quand les nombres le permettent.",
        "Qu’une ville n’évoque pas un sujet ne veut pas dire qu’elle n’est pas concernée : il peut "
        "n’avoir été ni abordé, ni noté.",
        "Le classement des énoncés et leur regroupement en thèmes sont automatiques et se "
        "trompent parfois ; ce dont le modèle doute porte la mention « à vérifier ».",
        "Les rapprochements entre freins et réponses se fondent sur la ressemblance des textes : "
        "ce sont des pistes à discuter entre villes, non des recommandations.",
    )
)
