"""From the files cities send to a digest a commission can decide from, on one machine, offline.

The chain, one module a stage, each handing tables to the next (`contract.py` describes them all):

ingest        data/raw → read documents and their blocks, rejected files
pseudonymise  names, e-mails, phones… of those texts → tags; the key stays in data/keys
segment       masked blocks → statements (énoncés) as analysts want them, and their parsed tokens
train         data/training → the tagger
tag           statements → constat, frein, bonne_pratique, proposition or autre, reasons and doubt
themes        statements → themes with a readable label, and the theme of each statement
compare       cities × themes × tags: counts, shares, intervals, tests
match         each obstacle → the closest good practices and proposals of other cities
review        what an analyst should look at next, in the order worth most
digest        all of these → sourced pages, an explorer, a Word document, a PDF and a workbook
leaks         all outputs: stops the chain if a personal datum is left

Beside it, what is measured: evaluate (tags), evaluate_reading (statements read), evaluate_themes
(themes and answers, beside other methods), evaluate_masking (pseudonyms).

What a stage needs has its room: readers, masking, tagging, theming, analysts, digests, scoring.
French knowledge is in lexicons, one row an entry.
"""

__version__ = "0.1.0"
