"""A base model with an adapter, as a thing that translates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fedtranslate.adapters.factors import Adapter
from fedtranslate.config.training import DecodingSettings
from fedtranslate.generation.decode import write_translations
from fedtranslate.models.load import BaseModel
from fedtranslate.models.lora import merged
from fedtranslate.records import Translation


@dataclass(frozen=True, slots=True, eq=False)
class Translator:
    """A base model, and the adapter that makes it a translator for somebody."""

    base: BaseModel
    adapter: Adapter | None = None
    decoding: DecodingSettings = field(default_factory=DecodingSettings)

    def translate(
        self,
        texts: Sequence[str],
        languages: tuple[str, str],
        *,
        ids: Sequence[str] = (),
        references: Sequence[str] = (),
        on_done: Callable[[int], None] | None = None,
    ) -> list[Translation]:
        """Translate ``texts`` between ``languages`` (source, target), in order.

        Args:
            texts: Units of source code; may be empty.
            languages: Names of language packs.
            ids: Of the texts, for reports; none, or one each.
            references: The right answers where they are known; none, or one each.
            on_done: Called with the number of texts that each batch has finished.
        """
        with merged(self.base, self.adapter) as model:
            written = write_translations(
                self.base, model, texts, languages, self.decoding, on_done=on_done
            )
        return [
            Translation(
                source=text,
                text=candidates[0].text,
                id=ids[index] if ids else "",
                reference=references[index] if references else None,
                finished=candidates[0].finished,
                candidates=tuple(candidate.text for candidate in candidates),
            )
            for index, (text, candidates) in enumerate(zip(texts, written, strict=True))
        ]
