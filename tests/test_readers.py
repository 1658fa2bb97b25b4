"""What each reader keeps of a real small file: words, headings, columns, speakers, places."""

import io
import zipfile

import openpyxl
import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from odfdo import Document as OdfDocument
from odfdo import Header, List, Paragraph

from pipeline.readers import Block, Unreadable, read
from pipeline.readers.grid import Cell, cell_statements, column_role, spread
from pipeline.readers.lines import join_lines, logical_lines
from pipeline.readers.plain import decode


def blocks(data: bytes, suffix: str) -> list[Block]:
    return read(data, suffix, max_megabytes=5).blocks


def kept(data: bytes, suffix: str) -> list[tuple[str, str]]:
    """The kind and text of all that is not furniture."""
    return [(b.kind, b.text) for b in blocks(data, suffix) if b.kind != "furniture"]


def one(data: bytes, suffix: str, words: str) -> Block:
    found = [b for b in blocks(data, suffix) if words in b.text]
    assert len(found) == 1, [b.text for b in found]
    return found[0]


def pdf(*pages: list[tuple[float, float, float, str]], fonts: str = "Helvetica") -> bytes:
    """A hand-built PDF: each page is a list of (x, y, size, text)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{fonts} /Encoding /WinAnsiEncoding >>".encode()
    )
    kids = []
    for page in pages:
        stream = b"BT\n"
        for x, y, size, text in page:
            escaped = text.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)")
            stream += f"/F1 {size} Tf 1 0 0 1 {x} {y} Tm (".encode() + escaped + b") Tj\n"
        stream += b"ET"
        objects.append(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    references = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{references}] /Count {len(kids)} >>".encode()
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n0\n%%%%EOF" % (len(objects) + 1)


def docx(fill) -> bytes:
    document = Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp850"]
)
def test_french_accents_survive_any_encoding(encoding):
    """A short note comes out the same whatever the machine it was typed on."""
    text = "Les délais d’enquête sont très longs : la procédure traîne à côté."
    text = text.replace("’", "'") if encoding == "cp850" else text
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("la sécu-", "rité du quartier", "la sécurité du quartier"),
        ("le vice-", "procureur", "le vice-procureur"),
        ("peut-", "il venir", "peut-il venir"),
        ("les Hauts-", "Fourneaux", "les Hauts-Fourneaux"),
        ("un binôme enseignant-éduca-", "teur", "un binôme enseignant-éducateur"),
        ("sans coupure", "ici", "sans coupure ici"),
    ],
)
def test_only_hyphens_that_cut_a_word_are_undone(first, second, joined):
    """Compounds keep their hyphen at the end of a line, cut words lose it."""
    assert join_lines(first, second) == joined


def test_typed_notes_give_headings_bullets_and_rejoined_lines():
    """Capitals, « Mot : » and underlined lines head what follows; wrapped bullets are whole."""
    text = """COMPTE RENDU DE SEANCE

CONSTATS
- le centre se vide après 19 heures et les commerçants du passage baissent
  leur rideau
- PM -> PN : aucune liaison radio

Freins :
* trois postes vacants

Ce qui marche
-------------
→ la médiation de nuit
Dernière phrase seule.
"""
    lines = [(line.kind, line.text) for line in logical_lines(text.split("\n"))]
    assert lines[1:] == [
        ("heading", "CONSTATS"),
        (
            "item",
            "le centre se vide après 19 heures et les commerçants du passage baissent leur rideau",
        ),
        ("item", "PM -> PN : aucune liaison radio"),
        ("heading", "Freins"),
        ("item", "trois postes vacants"),
        ("heading", "Ce qui marche"),
        ("item", "la médiation de nuit"),
        ("paragraph", "Dernière phrase seule."),
    ]


def test_a_bullet_goes_on_with_a_number():
    """« 7 sur / 10 finissent… »: a number at the start of a wrapped line opens no list."""
    lines = logical_lines(
        ["- rappelle toute victime, 7 sur", "  10 finissent par porter plainte", "- b"]
    )
    assert lines[0].text == "rappelle toute victime, 7 sur 10 finissent par porter plainte"


def test_an_introductory_line_is_not_a_heading():
    """« Deux obstacles : » stays a paragraph under the heading above."""
    lines = logical_lines(["Deux obstacles :", "- le délai", "- le coût"])
    assert [line.kind for line in lines] == ["paragraph", "item", "item"]


def test_docx_keeps_headings_lists_cells_and_speakers():
    """Each block knows its heading; a cell its column; a speaker leaves the text."""

    def fill(document) -> None:
        document.add_heading("Table ronde 1 – Police municipale", 0)
        document.add_paragraph("Étaient présents :")
        document.add_paragraph("Mme Orvel, adjointe", style="List Bullet")
        document.add_heading("Freins", 1)
        document.add_paragraph("Aucune équipe après minuit", style="List Bullet")
        document.add_paragraph("Rien le dimanche", style="List Bullet 2")
        line = document.add_paragraph()
        line.add_run("M. Tassel (directeur)").bold = True
        line.add_run(" : Nous formons, la voisine récolte.")
        table = document.add_table(2, 3)
        for cell, text in zip(
            table.rows[0].cells, ["Thème", "Constats", "Propositions"], strict=True
        ):
            cell.text = text
        for cell, text in zip(
            table.rows[1].cells,
            ["Radio", "Les ondes ne passent pas.", "Un réseau commun."],
            strict=True,
        ):
            cell.text = text

    data = docx(fill)
    assert one(data, ".docx", "adjointe").kind == "furniture"
    assert one(data, ".docx", "après minuit").heading == "Freins"
    assert (
        one(data, ".docx", "après minuit").section == "Table ronde 1 – Police municipale › Freins"
    )
    speech = one(data, ".docx", "récolte")
    assert (speech.speaker, speech.role) == ("M. Tassel", "directeur")
    assert speech.text == "Nous formons, la voisine récolte."
    cell = one(data, ".docx", "réseau commun")
    assert (cell.kind, cell.column, cell.heading) == ("cell", "Propositions", "Radio")
    assert cell.locator == "tableau 1, ligne 2"


def test_docx_understands_the_styles_of_a_template():
    """« Intertitre ville », bold or based on a heading, heads; a bold sentence is a sentence."""

    def fill(document):
        for name, base in (("Intertitre ville", None), ("Titre d'axe", "Heading 2"),
                           ("Puce ville", "List Bullet")):  # fmt: skip
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.font.bold = base is None
            style.base_style = document.styles[base] if base else None
        document.add_paragraph("Freins", style="Intertitre ville")
        document.add_paragraph("Le local est trop petit", style="Puce ville")
        document.add_paragraph("Prévention", style="Titre d'axe")
        document.add_paragraph("La médiation a été reconduite.", style="Intertitre ville")

    found = [(b.kind, b.heading, b.text) for b in blocks(docx(fill), ".docx")]
    assert found == [
        ("heading", "", "Freins"),
        ("item", "Freins", "Le local est trop petit"),
        ("heading", "", "Prévention"),
        ("paragraph", "Prévention", "La médiation a été reconduite."),
    ]


def test_odt_drops_deletions_and_keeps_lists():
    """Headings and nested lists of LibreOffice; words struck out by tracking are gone."""
    document = OdfDocument("text")
    body = document.body
    body.clear()
    body.append(Header(1, "Constats"))
    body.append(List(["Les halls sont occupés le soir", "Les gardiens partent"]))
    body.append(Paragraph("Une phrase entière, avec son point."))
    out = io.BytesIO()
    document.save(out)
    assert kept(out.getvalue(), ".odt") == [
        ("heading", "Constats"),
        ("item", "Les halls sont occupés le soir"),
        ("item", "Les gardiens partent"),
        ("paragraph", "Une phrase entière, avec son point."),
    ]


def test_html_reads_the_article_and_sets_the_site_aside():
    """Menus, footers and asides are furniture; merged cells reach every row they cover."""
    page = """<html><head><title>Retour | Ville</title><style>p{}</style></head><body>
    <nav><a href="#">Accueil</a></nav><article><h1>Retour</h1>
    <p>Les riverains dorment mal l’été.<br>Ils le disent.</p>
    <ul><li>un numéro unique<ul><li>gratuit la nuit</li></ul></li></ul>
    <blockquote><p>« On attend une heure. »</p><footer>— Mme Ilve, élue</footer></blockquote>
    <table><tr><th>Thème</th><th>Freins</th></tr>
    <tr><td rowspan="2">Tram</td><td>Pas de radio sous terre.</td></tr>
    <tr><td>Trois réseaux qui s’ignorent.</td></tr></table>
    </article><aside><p>À lire aussi</p></aside><footer>Mentions</footer></body></html>"""
    data = page.encode()
    texts = [text for _, text in kept(data, ".html")]
    assert texts == [
        "Retour",
        "Les riverains dorment mal l’été.",
        "Ils le disent.",
        "un numéro unique",
        "gratuit la nuit",
        "On attend une heure.",
        "Pas de radio sous terre.",
        "Trois réseaux qui s’ignorent.",
    ]
    assert one(data, ".html", "gratuit").level == 2
    assert one(data, ".html", "une heure").speaker == "Mme Ilve"
    assert one(data, ".html", "s’ignorent").heading == "Tram"
    assert {"Mentions", "À lire aussi"} <= {b.text for b in blocks(data, ".html")}


def test_markdown_tables_have_columns():
    """A Markdown table is read as cells under their heading."""
    data = (
        b"# Notes\n\n| Constat | Proposition |\n|---|---|\n| Il fait noir. | Rallumer le quai. |\n"
    )
    cell = one(data, ".md", "Rallumer")
    assert (cell.kind, cell.column) == ("cell", "Proposition")


def test_rtf_headings_come_from_its_styles():
    """A paragraph whose style is a heading is one, accents included."""
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\stylesheet{\s0 Normal;}{\s1\sbasedon0 heading 1;}}"
        rb"\pard\plain\s1 Difficult\'e9s\par\pard\plain\s0 Les d\'e9lais s'allongent.\par}"
    )
    assert kept(data, ".rtf") == [
        ("heading", "Difficultés"),
        ("paragraph", "Les délais s'allongent."),
    ]


def test_pdf_pages_become_paragraphs():
    """Headers, footers and page numbers go; a paragraph across two pages is one."""
    body = [
        (72, 700, 18, "Ce qui coince"),
        (
            72,
            670,
            11,
            "Les agents municipaux attendent en moyenne quarante minutes la venue de l'of-",
        ),
        (
            72,
            656,
            11,
            "ficier de police judiciaire, et pendant ce temps aucune autre intervention sur la",
        ),
    ]
    head = [(72, 810, 9, "Ville de Brumes"), (280, 30, 9, "Page 1 / 2")]
    following = [
        (72, 810, 9, "Ville de Brumes"),
        (72, 740, 11, "voie publique ne peut être assurée."),
        (280, 30, 9, "Page 2 / 2"),
    ]
    data = pdf(head + body, following)
    assert kept(data, ".pdf") == [
        ("heading", "Ce qui coince"),
        (
            "paragraph",
            "Les agents municipaux attendent en moyenne quarante minutes la venue de l'officier de "
            "police judiciaire, et pendant ce temps aucune autre intervention sur la voie publique "
            "ne peut être assurée.",
        ),
    ]
    assert one(data, ".pdf", "officier").locator == "p. 1"


def test_pdf_columns_are_read_one_after_the_other():
    """The left column comes before the right one."""
    left = [
        (60, 700 - 14 * i, 10, f"gauche ligne {i} qui remplit bien la colonne") for i in range(8)
    ]
    right = [
        (320, 700 - 14 * i, 10, f"droite ligne {i} qui remplit bien la colonne") for i in range(8)
    ]
    mixed = [line for pair in zip(left, right, strict=True) for line in pair]
    text = " ".join(b.text for b in blocks(pdf(mixed), ".pdf"))
    assert text.index("gauche ligne 7") < text.index("droite ligne 0")


def test_subtitles_join_the_cues_of_a_speaker():
    """One turn a speaker, the time of its first cue, the role said once kept."""
    data = (
        "WEBVTT - Table ronde 2\n\nNOTE\nEnregistrement du 12 mars 2024\n\n"
        "1\n00:00:01.000 --> 00:00:02.000\n<v Nora Val (juge)>Les audiences &amp; les\n\n"
        "2\n00:00:03.000 --> 00:00:04.000\n<v Nora Val>délais s’allongent.\n\n"
        "00:05.000 --> 00:06.000\n<v Paul Rey>Chez nous aussi.\n"
    ).encode("cp1252")
    turns = [
        (b.speaker, b.role, b.text, b.locator) for b in blocks(data, ".vtt") if b.kind == "turn"
    ]
    assert turns == [
        ("Nora Val", "juge", "Les audiences & les délais s’allongent.", "00:00:01"),
        ("Paul Rey", "", "Chez nous aussi.", "00:00:05"),
    ]


def test_srt_labels_are_speakers_but_sentences_are_not():
    """« NOM : » names a speaker; « Résultat : » belongs to what is said."""
    data = (
        "1\n00:00:01,000 --> 00:00:02,000\nDRUVAL : On a fermé.\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nRésultat : plus personne.\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nKERZEL : Et après ?\n"
    ).encode()
    assert [(b.speaker, b.text) for b in blocks(data, ".srt")] == [
        ("DRUVAL", "On a fermé. Résultat : plus personne."),
        ("KERZEL", "Et après ?"),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_columns_are_recognised_under_a_title_row(delimiter):
    """Any delimiter, a title above the header, the nature of a row as its context."""
    rows = [
        ["Contributions", "", "", "", ""],
        ["Ville", "Table ronde", "Intervenant(e)", "Nature", "Verbatim"],
        ["Brumes", "TR2", "Mme Val", "Frein", "Les suites; jamais connues, ou presque."],
    ]
    text = "\r\n".join(delimiter.join(f'"{value}"' for value in row) for row in rows)
    cell = one(text.encode("utf-8-sig"), ".csv", "Les suites")
    assert (cell.column, cell.speaker, cell.round_table, cell.city) == (
        "Frein",
        "Mme Val",
        "TR2",
        "Brumes",
    )
    assert cell.locator == "ligne 3"


def test_xlsx_columns_named_after_tags_and_sheets_of_people():
    """A cell of several bullets is several blocks; a sheet of participants is furniture."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Grille"
    sheet.append(["Synthèse", None, None])
    sheet.append(["Participant", "Constats", "Freins identifiés"])
    sheet.append(
        [
            "Bailleur",
            "- Les halls sont dégradés.\n- Les gardiens partent.",
            "Aucun suivi des plaintes.",
        ]
    )
    people = book.create_sheet("Présents")
    people.append(["Nom", "Fonction"])
    people.append(["Mme Val", "juge des enfants au tribunal de Brumes"])
    out = io.BytesIO()
    book.save(out)
    cells = [b for b in blocks(out.getvalue(), ".xlsx") if b.kind == "cell"]
    assert [(c.text, c.column, c.speaker) for c in cells] == [
        ("Les halls sont dégradés.", "Constats", "Bailleur"),
        ("Les gardiens partent.", "Constats", "Bailleur"),
        ("Aucun suivi des plaintes.", "Freins identifiés", "Bailleur"),
    ]
    assert cells[0].locator == "feuille «\u202fGrille\u202f», ligne 3"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Ville", "city"),
        ("Intervenant(e)", "speaker"),
        ("BONNES PRATIQUES", "tag"),
        ("Propositions d'amélioration", "tag"),
        ("Commentaires libres", "text"),
        ("Couleur", ""),
        ("", ""),
    ],
)
def test_column_names_are_recognised_in_their_variants(name, role):
    """Case, plural and what follows the known name do not matter; unknown names stay unknown."""
    assert column_role(name) == role


def test_cells_keep_sentences_together_and_lines_apart():
    """A line after a whole sentence goes on; bullets and unpunctuated lines are apart."""
    assert cell_statements(Cell(("On le dit.\nOn le fait.",))) == ["On le dit. On le fait."]
    assert cell_statements(Cell(("Un banc\nUne lampe",))) == ["Un banc", "Une lampe"]


def test_merged_cells_are_spread():
    """A rowspan reaches the rows below at its own column."""
    a, b, c = Cell(("a",)), Cell(("b",)), Cell(("c",))
    grid = spread([[(a, 1, 2), (b, 1, 1)], [(c, 1, 1)]])
    assert [[cell.text for cell in row] for row in grid] == [["a", "b"], ["a", "c"]]
    assert grid[1][0].copy


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 60_000_000)
    return out.getvalue()


def with_entities() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix", "code"),
    [
        (b"", ".docx", "vide"),
        (b"  \n\n", ".txt", "vide"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ".doc", "format_non_pris_en_charge"),
        (b"\x89PNG\r\n", ".png", "format_non_pris_en_charge"),
        (b"PK\x03\x04 tronque", ".docx", "corrompu"),
        (b"%PDF-1.4 tronque", ".pdf", "corrompu"),
        (b"du texte", ".xlsx", "corrompu"),
        (pdf([]), ".pdf", "pdf_numerise"),
        (b"x" * 5_000_001, ".txt", "trop_gros"),
        (bomb(), ".docx", "trop_gros"),
        (with_entities(), ".docx", "corrompu"),
        (b"<html><body>" + b"<div>" * 3000 + b"mot</div></body></html>", ".html", "trop_profond"),
        (b"WEBVTT\n\nsans minutage\n", ".vtt", "corrompu"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data, suffix, code):
    """Every refusal has its code and a French sentence; no parser's exception escapes."""
    with pytest.raises(Unreadable) as refusal:
        blocks(data, suffix)
    assert refusal.value.code == code
    assert refusal.value.detail.endswith((".", "!"))


def test_the_content_rules_over_the_extension():
    """A PDF named .docx is read as the PDF it is."""
    data = pdf([(72, 700, 11, "Les agents attendent.")])
    assert read(data, ".docx", max_megabytes=5).format == "pdf"
