"""Where people are named in one text: the rules, the surest first.

Each rule is weak alone; together they read notes typed live (« mme dupont »), minutes
(« M. le procureur Dupont »), attendance lists and transcripts. What is no name (cities,
institutions, « place Victor-Hugo », « loi Badinter ») is told by lexicons and by its context.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator

from pipeline.masking import attendance, bare_names, entities, given_names, titled_names
from pipeline.masking.name_context import Found, Words
from pipeline.masking.name_words import Mention, Vocabulary


class Reader:
    """The people one text names."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.words = Words(text, vocabulary)

    def mentions(
        self,
        *,
        listed: bool = False,
        among: bool = False,
        bodies: Collection[tuple[int, int]] = (),
    ) -> list[Mention]:
        """Return the people named, in order.

        `listed`: the text is (part of) an attendance list; `among`: it is a line of a list in which
        the lines around begin with people; `bodies`: the spans that the language
        model takes for organisations, which no weak rule makes a person.
        """
        found: list[Found] = []
        taken: set[int] = set()
        rules = (
            titled_names.titled(self.words),
            attendance.at_head(self.words) if among else (),
            attendance.in_columns(self.words, among=among),
            given_names.full_names(self.words),
            given_names.initialled(self.words),
            attendance.listed(self.words, whole=listed),
            titled_names.ranked(self.words, taken),
            given_names.alone(self.words),
            bare_names.quoted(self.words),
            bare_names.guessed(self.words, bodies),
        )
        for first, last, mention in itertools.chain.from_iterable(rules):
            if not taken.intersection(range(first, last)):
                taken.update(range(first, last))
                found.append((first, last, mention))
        found += [f for f in bare_names.beside(self.words, found) if f[0] not in taken]
        return sorted((mention for _, _, mention in found), key=lambda m: m.start)

    def speaker(self) -> list[Mention]:
        """Return who a speaker's label names, if it is not a role: « ILVOREC », « Mme Orval »."""
        return self.mentions() or attendance.labelled(self.words)

    def recognised(self, spans: Iterable[tuple[int, int]]) -> Iterator[Mention]:
        """Yield the people among the spans that the language model takes for persons."""
        return entities.recognised(self.words, spans)
