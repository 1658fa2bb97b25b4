"""The restitution as a workbook: one sheet a table, for those who count for themselves."""

import io
from collections.abc import Mapping

import pandas as pd

from pipeline import workbooks
from pipeline.digests import prose, quotes
from pipeline.digests.restitution import Digest


def workbook(digest: Digest, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return `restitution.xlsx`; no cell is a formula or a link, whatever a statement says."""
    written = io.BytesIO()
    workbooks.save(sheets(digest, tables), written)
    return written.getvalue()


def sheets(digest: Digest, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the sheets, name → table with French headings, in reading order."""
    return {
        "Synthèse": _synthesis(digest),
        "Thèmes": _themes(digest),
        "Ville × thème": _city_theme(digest),
        "Énoncés": _statements(digest, tables),
        "Rapprochements": _matches(digest, tables),
        "Documents": _documents(digest),
        "Fichiers refusés": _table(("Fichier", "Raison et conseil"), digest.method.rejected),
    }


def _table(headings: tuple[str, ...], rows: object) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(headings))


def _synthesis(digest: Digest) -> pd.DataFrame:
    rows = [("Ce que couvre la restitution", "", sentence) for sentence in digest.coverage]
    if digest.notice:
        rows.insert(0, ("Avertissement", "", digest.notice))
    for group in digest.key_points:
        if group.lead:
            rows.append((group.heading, "", group.lead))
        rows += [(group.heading, theme.label, sentence) for theme, sentence in group.points]
    rows += [("Depuis la restitution précédente", "", sentence) for sentence in digest.changes]
    rows.append(("Méthode", "", digest.method.checked_sentence))
    rows += [("Qualité mesurée", label, figure) for label, figure in digest.method.quality]
    rows.append(("Méthode", "", digest.method.version))
    return _table(("Partie", "Thème ou mesure", "Ce qui est dit"), rows)


def _themes(digest: Digest) -> pd.DataFrame:
    tags = tuple(prose.tag_heading(tag) for tag in prose.KEY_TAGS)
    return _table(
        ("Identifiant", "Thème", "Table ronde", *tags, "Énoncés", "Villes", "Villes en tout",
         "Soulevé par", "Mots caractéristiques", "Ce qui est fragile"),
        (
            (
                theme.theme_id, theme.label, prose.round_table(theme.round_table),
                *(theme.counts[tag] for tag in prose.KEY_TAGS), theme.total, len(theme.cities),
                theme.all_cities, ", ".join(theme.cities), theme.keywords, " ".join(theme.fragile),
            )
            for theme in digest.themes
        ),
    )  # fmt: skip


def _city_theme(digest: Digest) -> pd.DataFrame:
    return _table(
        ("Ville", "Thème", "Nature", "Énoncés", "Sur (énoncés de la ville, même nature)", "Part",
         "Borne basse", "Borne haute"),
        (
            (
                city, theme.label, prose.tag_heading(tag, 1), cell.n, cell.denominator, cell.share,
                cell.low, cell.high,
            )
            for theme in digest.themes
            for city, cells in theme.grid.items()
            for tag, cell in cells.items()
        ),
    )  # fmt: skip


def _statements(digest: Digest, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    facts = quotes.facts(tables["statements"], tables["tags"], tables["statement_themes"])
    label = {theme.theme_id: theme.label for theme in digest.themes}
    said = quotes.quotes(facts)
    return _table(
        ("Identifiant", "Énoncé", "Nature", "Confiance", "À vérifier", "Décidé par", "Thème",
         "Ville", "Table ronde", "Date", "Document", "Endroit", "Rôle", "Copie de"),
        (
            (
                row.statement_id, prose.typeset(row.text), prose.tag_heading(row.tag, 1),
                row.confidence, "à vérifier" if row.review else "",
                "un analyste" if row.origin == "analyste" else "le modèle",
                label.get(row.theme_id, "Sans thème"), row.city,
                quote.round_table, quote.date, quote.path, quote.place, quote.role, row.copy_of,
            )
            for row, quote in zip(facts.itertuples(), said.values(), strict=True)
        ),
    )  # fmt: skip


def _matches(digest: Digest, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    facts = quotes.facts(tables["statements"], tables["tags"], tables["statement_themes"])
    said = quotes.quotes(facts)
    label = {theme.theme_id: theme.label for theme in digest.themes}
    return _table(
        ("Ville du frein", "Frein", "Thème du frein", "Ville de la réponse", "Réponse", "Nature",
         "Rang", "Score", "Source du frein", "Source de la réponse"),
        (
            (
                said[m.obstacle_id].city, said[m.obstacle_id].text,
                label.get(said[m.obstacle_id].theme_id, "Sans thème"), said[m.answer_id].city,
                said[m.answer_id].text, prose.tag_heading(m.answer_tag, 1), m.rank, m.score,
                said[m.obstacle_id].source, said[m.answer_id].source,
            )
            for m in tables["matches"].itertuples()
            if m.obstacle_id in said and m.answer_id in said
        ),
    )  # fmt: skip


def _documents(digest: Digest) -> pd.DataFrame:
    return _table(
        ("Ville", "Fichier", "Format", "Date", "Table ronde", "Énoncés", "Part gardée", "Répète",
         "À savoir"),
        (
            (
                file.city, file.path, file.format, file.date, file.round_table, file.statements,
                file.kept, file.duplicate_of, file.warnings,
            )
            for file in digest.method.files
        ),
    )  # fmt: skip
