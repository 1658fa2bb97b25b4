"""Every sentence a digest computes: reading this module is knowing all it can say by itself.

The rest of a digest is verbatim.
"""

from collections.abc import Callable, Mapping, Sequence

from pipeline.digests.prose import (
    ANSWER_TAGS,
    KEY_TAGS,
    at,
    capital,
    count,
    count_tag,
    date,
    decimal,
    listing,
    number,
    percent,
    places,
    quoted,
    sentence,
    tag_counts,
    tag_heading,
    tag_label,
    typeset,
)


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
        text += f" ; {count(copies, 'énoncé')} {subject} dans plusieurs documents à la fois : "
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


def theme_size(counts: Mapping[str, int], informing: int) -> str:
    """Return a theme's number of statements out of all those that inform, then by tag."""
    total = sum(counts.get(tag, 0) for tag in KEY_TAGS)
    if not total:
        return "Ce thème ne contient que des énoncés hors-champ."
    share = f"soit {percent(total / informing)} des {count(informing, 'énoncé')} comptés"
    share = share if informing > 1 else "le seul compté"
    return typeset(f"{count(total, 'énoncé')}, {share} : {tag_counts(counts)}.")


def counted(counts: Mapping[str, int]) -> str:
    """Return what a theme counts: « 12 constats et 3 freins. »."""
    return sentence(tag_counts(counts))


def shared_everywhere(shared: int, themes: int, cities: int, limit: int) -> str:
    """Return how many themes all cities raised, and that only some are listed."""
    where = "les deux villes" if cities == 2 else f"les {cities} villes"
    verb = "est soulevé" if shared < 2 else "sont soulevés"
    text = f"{count(shared, 'thème')} sur {number(themes)} {verb} dans {where}"
    return typeset(f"{text} ; les plus fournis :" if shared > limit else f"{text} :")


def raised_once(alone: int, themes: int, limit: int) -> str:
    """Return how many themes one city alone raised, and that only some are listed."""
    verb = "n’est soulevé" if alone < 2 else "ne sont soulevés"
    text = f"{count(alone, 'thème')} sur {number(themes)} {verb} que dans une ville"
    return typeset(f"{text} ; les plus fournis :" if alone > limit else f"{text} :")


def where(cities: Sequence[str], all_cities: int) -> str:
    """Return, for a cell of a table, « 4 villes sur 5 », « les 5 villes » or the one city."""
    if len(cities) == 1:
        return cities[0]
    if len(cities) == all_cities > 0:
        return f"les {number(all_cities)} villes"
    return f"{count(len(cities), 'ville')} sur {number(all_cities)}"


def obstacles_and_answers(cities: int, all_cities: int, counts: Mapping[str, int]) -> str:
    """Return « 9 freins dans 4 villes sur 5, pour 2 réponses (1 bonne pratique et …) »."""
    answers = sum(counts.get(tag, 0) for tag in ANSWER_TAGS)
    obstacles = f"{count_tag(counts['frein'], 'frein')} dans {count(cities, 'ville')}"
    obstacles += f" sur {number(all_cities)}"
    if not answers:
        return f"{obstacles}, sans bonne pratique ni proposition."
    detail = tag_counts(counts, ANSWER_TAGS)
    return f"{obstacles}, pour {count(answers, 'réponse')} ({detail})."


def evidence(cities: int, tables: int, documents: int) -> str:
    """Return what a theme rests on: « 4 villes, 6 tables rondes, 9 documents »."""
    held = [count(tables, "table ronde")] if tables else []
    return ", ".join([count(cities, "ville"), *held, count(documents, "document")])


def unstable(stability: float) -> str:
    """Return that a theme does not always come back when the grouping is done again."""
    return typeset(
        "Regroupement fragile : refait sur une partie des énoncés, ce thème ne se retrouve pas "
        f"toujours (stabilité de {decimal(stability)} sur 1)."
    )


def few_documents(documents: int) -> str:
    """Return that a theme rests on very few documents."""
    number_ = {1: "un seul document", 2: "deux documents seulement"}.get(documents)
    return f"Ce thème repose sur {number_ or count(documents, 'document')}."


def doubtful(value: int, total: int) -> str:
    """Return how many of a theme's statements are to be checked."""
    if total == 1:
        return typeset(
            "Son seul énoncé porte la mention « à vérifier » : sa nature n’est pas sûre."
        )
    agreed = ("porte", "sa") if value == 1 else ("portent", "leur")
    return typeset(
        f"{count(value, 'énoncé')} sur {number(total)} {agreed[0]} la mention « à vérifier », "
        f"plus que dans l’ensemble : {agreed[1]} nature n’est pas sûre."
    )


def weighs_more(tag: str, inside: tuple[int, int], outside: tuple[int, int]) -> str:
    """Return how much more a theme weighs in a city, (n, denominator), than in the others."""
    return typeset(
        f"{count_tag(inside[0], tag)} sur les {number(inside[1])} de la ville "
        f"({percent(inside[0] / inside[1])}), contre {number(outside[0])} sur "
        f"{number(outside[1])} ({percent(outside[0] / outside[1])}) dans les autres villes."
    )


def parting(tag: str, city: str, inside: tuple[int, int], outside: tuple[int, int]) -> str:
    """Return where a theme weighs more, (n, denominator), against the other cities."""
    return typeset(
        f"{count_tag(inside[0], tag)} sur {number(inside[1])} {at(city)} "
        f"({percent(inside[0] / inside[1])}), contre {number(outside[0])} sur "
        f"{number(outside[1])} ({percent(outside[0] / outside[1])}) dans les autres villes."
    )


def city_said(documents: int, tables: int, counts: Mapping[str, int]) -> str:
    """Return what a city contributed."""
    held = f", {count(tables, 'table ronde')}" if tables else ""
    if not sum(counts.values()):
        return typeset(f"{count(documents, 'document')}{held} : aucun énoncé compté.")
    return typeset(f"{count(documents, 'document')}{held} : {tag_counts(counts)}.")


def needs(shown: int, matched: int, obstacles: int) -> str:
    """Return how many of a city's obstacles other cities have an answer to."""
    if not obstacles:
        return "Aucun frein n’a été relevé dans cette ville."
    if not matched:
        which = "Son seul frein n’a pas" if obstacles == 1 else "Aucun de ses freins n’a"
        return f"{which} de réponse proche dans les autres villes."
    return pairs_shown(shown, matched, obstacles)


def offers(answers: int, obstacles: int, cities: Sequence[str]) -> str:
    """Return how many answers of a city meet obstacles of other cities, and where."""
    if not answers:
        return (
            "Aucune de ses bonnes pratiques ou propositions n’est la réponse la plus proche d’un "
            "frein d’une autre ville."
        )
    who = "Une" if answers == 1 else number(answers)
    return typeset(
        f"{who} de ses bonnes pratiques ou propositions {'est' if answers == 1 else 'sont'} la "
        f"réponse la plus proche de {count(obstacles, 'frein relevé', 'freins relevés')} "
        f"{places(cities)}."
    )


def documents_changed(added: int, removed: int, modified: int) -> str:
    """Return how many documents came, went or changed."""
    parts = [
        count(added, "document nouveau", "documents nouveaux") if added else "",
        count(removed, "document retiré") if removed else "",
        count(modified, "document modifié") if modified else "",
    ]
    return sentence(listing([part for part in parts if part]))


def names_changed(one: str, several: str, names: Sequence[str]) -> str:
    """Return the names that came or went: « Thème nouveau : … »."""
    if not names:
        return ""
    return typeset(f"{one if len(names) == 1 else several} : {listing(names)}.")


def counts_changed(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """Return the tags whose number changed: « 12 freins (9 auparavant) »."""
    parts = [
        f"{count_tag(after[tag], tag)} ({number(before[tag])} auparavant)"
        for tag in KEY_TAGS
        if after[tag] != before[tag]
    ]
    return sentence(listing(parts))


def decisions_changed(before: int, after: int) -> str:
    """Return how many decisions of analysts there are now, when that changed."""
    if before == after:
        return ""
    noun = count(after, "décision d’analyste", "décisions d’analystes")
    return f"{noun} ({number(before)} auparavant)."


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


def only_raised(city: str) -> str:
    """Return that one city alone raised a theme."""
    return f"{city} est la seule ville à soulever ce thème."


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
    return typeset(f"{label} : {figure}.")


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


def without_answer(alone: int, obstacles: int) -> str:
    """Return for how many obstacles nothing was found in any other city."""
    said = f"Aucune réponse trouvée dans une autre ville pour {count_tag(alone, 'frein')}"
    if obstacles > alone:
        said += f" sur {number(obstacles)}"
    return typeset(f"{said}. Une réponse dite en d’autres mots a pu échapper à la recherche.")


def themes_held(kept: int, new: int, changed: int, gone: int) -> str:
    """Return what became of the themes since the run before; none of them kept: the first run."""
    if not kept + changed + gone:
        return typeset(f"{count(new, 'thème')}, trouvés pour la première fois." if new else "")
    parts = [count(kept, "thème inchangé", "thèmes inchangés")]
    parts += [count(new, "nouveau", "nouveaux")] if new else []
    parts += [count(changed, "partagé ou réuni", "partagés ou réunis")] if changed else []
    parts += [count(gone, "disparu")] if gone else []
    return typeset(f"{listing(parts)} depuis le passage précédent.")


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


def score(
    value: float, low: float | None, high: float | None, write: Callable[[float], str]
) -> str:
    """Return a quality figure, as `write` writes it, with its 95 % interval when known."""
    if low is None or high is None:
        return write(value)
    return typeset(f"{write(value)} (intervalle à 95 % : {write(low)} à {write(high)})")


def dates(known: Sequence[str], unknown: int) -> str:
    """Return from when to when the documents date (ISO, sorted), and how many have no date."""
    if not known:
        return "Aucun document ne porte de date."
    first, last = date(known[0]), date(known[-1])
    text = f"Documents du {first} au {last}" if first != last else f"Documents du {first}"
    if len(known[0]) < 10 or len(known[-1]) < 10:
        text = f"Dates des documents : {first}{f' à {last}' if first != last else ''}"
    if unknown:
        text += f" ; {count(unknown, 'document')} sans date"
    return typeset(f"{text}.")


def checked(informing: int, doubtful: int, decided: int, excluded: int) -> str:
    """Return how many statements the model doubts, and how many a person decided or excluded."""
    text = f"{count(doubtful, 'énoncé')} sur {number(informing)} "
    text += "porte" if doubtful < 2 else "portent"
    text += " la mention « à vérifier » : le modèle hésite sur "
    text += "sa nature" if doubtful < 2 else "leur nature"
    if not informing or not doubtful:
        text = "Aucun énoncé ne porte la mention « à vérifier »"
    if decided:
        verb = "a été corrigé ou confirmé" if decided == 1 else "ont été corrigés ou confirmés"
        text += f". {count(decided, 'énoncé')} {verb} par un analyste"
    else:
        text += ". Aucun n’a encore été corrigé ni confirmé par un analyste"
    if excluded:
        text += f". {count(excluded, 'énoncé exclu', 'énoncés exclus')} par un analyste"
    return typeset(f"{text}.")


def version(number_: str, commit: str) -> str:
    """Return the version of the program, with the state of its source when it is known."""
    return f"Restitution, version {number_}{f', état {commit}' if commit else ''}."


def without_theme(quotes: int, aside: int) -> str:
    """Return how many statements belong to no theme."""
    text = f"{count(quotes, 'énoncé')} {'n’entre' if quotes < 2 else 'n’entrent'} dans aucun thème"
    return typeset(f"{text}, dont {count_tag(aside, 'autre')}." if aside else f"{text}.")


def chart_in_words(rows: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """Return what a chart of themes shows, for those who do not see it."""
    said = [
        f"{label} : {tag_counts(counts, ('frein', *ANSWER_TAGS)) or 'rien'}"
        for label, counts in rows
    ]
    return typeset(f"Barres, par thème. {' ; '.join(said)}.")


def rests_on(evidence: str) -> str:
    """Return what a theme rests on, as a sentence."""
    return typeset(f"Ce thème repose sur : {evidence}.")


def alone_with(tag: str) -> str:
    """Return the heading of the themes where one city alone has a tag."""
    return f"Seule ville à y exprimer des {tag_label(tag)['plural']}"


def heavier(label: str) -> str:
    """Return that a theme weighs more in the city than elsewhere."""
    return f"{quoted(label)} y pèse plus qu’ailleurs"


def helpers(found: Sequence[tuple[str, int]]) -> str:
    """Return which cities have answers to how many of a city's obstacles, most first."""
    first, *others = found
    text = f"{first[0]} a une réponse proche de {count(first[1], 'de ses freins', 'de ses freins')}"
    if others:
        text += f" ; puis {listing([f'{city} ({number(n)})' for city, n in others])}"
    return typeset(f"{text}.")


HOW_TO_READ = typeset(
    "Chaque phrase des documents (un « énoncé ») a été classée automatiquement ; les citations "
    "sont reprises mot pour mot, avec leur source. Les nombres comptent des énoncés, non des "
    "personnes : une ville qui a envoyé plus de notes en compte davantage."
)
NOTHING_CHANGED = "Ni les documents, ni les thèmes, ni les décisions n’ont changé."
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
KEPT = typeset(
    "La part gardée est celle des signes lus qui se retrouvent dans les énoncés ; le reste est "
    "fait d’intertitres, d’en-têtes et de pieds de page, de listes de présence, d’hésitations "
    "orales. Le détail est dans le fichier coverage.csv."
)
NOT_MEASURED = typeset(
    "La qualité du classement n’a pas encore été mesurée : ne tenez aucune nature pour sûre."
)
