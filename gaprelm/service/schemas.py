"""What programs send and get, as JSON; also the source of the OpenAPI description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

EditType = Literal["replace", "insert", "delete"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# Searching for words and aligning them costs memory and time that grow with their length.
Word = Annotated[str, Field(max_length=20)]

Pairs = dict[Word, Word] | list[Annotated[list[Word], Field(min_length=2, max_length=2)]]


class Options(BaseModel):
    """What may be changed, and how sure the model must be; what is left out stays as the service has it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    thresholds: dict[EditType, Share] | None = Field(
        None, description="Confidence from which an edit is made, by type, instead of the calibrated one."
    )
    min_confidence: Share | None = Field(None, description="No edit of any type below it.")
    max_insert_per_sentence: int | None = Field(None, ge=0, description="Most characters inserted in one sentence.")
    max_insert_ratio: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="Most characters inserted in one sentence, as a share of its own.",
    )
    protect: list[Word] | None = Field(None, description="Words that are never edited, of at most 20 characters.")
    always: Pairs | None = Field(
        None,
        description="What always becomes something else, whatever the model says: {A: B}, or pairs [A, B]; words of at "
        "most 20 characters.",
    )
    never: Pairs | None = Field(
        None,
        description="{A: B}, or pairs [A, B]: A never becomes B. An empty A is an insertion, an empty B a deletion.",
    )
    editable: list[str] | None = Field(
        None,
        description="Classes of characters that may be changed: han, punctuation, ascii_punctuation, latin, digits, "
        "blanks, other; or all.",
    )
    switched_off: list[EditType] | None = Field(None, description="Types of edits that are not made.")
    max_rounds: int | None = Field(
        None, ge=1, le=5, description="How often the model reads its own result again, at most."
    )
    by_sentence: bool | None = Field(None, description="Each sentence is read by itself.")


class CorrectRequest(BaseModel):
    """Texts to correct."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"texts": ["我再家看书。", "他在在图书馆学习。"], "options": {"min_confidence": 0.6}}]
        },
    )

    texts: list[str] = Field(description="Each comes back with its correction, in the same order.")
    options: Options = Field(default_factory=Options)
    proposals: bool = Field(
        False, description="Return with each text all edits that the model considers, also those below the thresholds."
    )


class Edit(BaseModel):
    """One edit of a text."""

    start: int = Field(description="Where it begins in the source, in code points.")
    end: int = Field(description="Where it ends, exclusive; equal to start for an insertion.")
    source: str = Field(description="What stands there.")
    target: str = Field(description="What should.")
    type: EditType
    confidence: Share = Field(description="The model's probability of exactly this edit.")


class Result(BaseModel):
    """A text and its correction: applying the edits to the source gives the target."""

    source: str
    target: str
    edits: list[Edit]
    proposals: list[Edit] | None = Field(None, description="Only where asked for.")


class CorrectResponse(BaseModel):
    """A result for each text, in their order."""

    results: list[Result]


class RequestLimits(BaseModel):
    """Limits of one request."""

    max_texts: int
    max_length: int = Field(description="Characters of one text.")
    max_characters: int = Field(description="Characters of all texts.")
    max_body: int = Field(description="Bytes.")


class Info(BaseModel):
    """What this service works with."""

    version: str
    thresholds: dict[EditType, Share] = Field(description="Those used where a request names none.")
    limits: RequestLimits


class Health(BaseModel):
    """The service answers."""

    status: Literal["ok"]


class Problem(BaseModel):
    """Why a request was not done."""

    code: str = Field(description="Stable: for programs.")
    detail: str = Field(description="For people: what was found, what is expected.")
