"""The JSON that programs send and get. The OpenAPI description is made from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

EditType = Literal["replace", "insert", "delete"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# The memory and time for finding and aligning words grow with their length.
Word = Annotated[str, Field(max_length=20)]

Item = TypeVar("Item")
# Its first wrong item ends the check. A million of them in a request would take a gigabyte, and a minute in which no
# other client is answered.
Items = Annotated[list[Item], Field(fail_fast=True)]
Pairs = dict[Word, Word] | Items[Annotated[list[Word], Field(min_length=2, max_length=2)]]
# Of keys and values, each of which is checked.
_MOST_PROBLEMS = 100


class Options(BaseModel):
    """What may be changed, and how sure the model must be. For keys that are left out the service's own values hold."""

    model_config = ConfigDict(extra="forbid", strict=True)

    thresholds: dict[EditType, Share] | None = Field(
        default=None, description="Confidence from which an edit is made, by type, instead of the calibrated one."
    )
    min_confidence: Share | None = Field(default=None, description="No edit of any type is made below this confidence.")
    max_insert_per_sentence: int | None = Field(
        default=None, ge=0, description="Most characters that may be inserted in one sentence."
    )
    max_insert_ratio: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="Most characters that may be inserted in one sentence, as a share of its length.",
    )
    protect: Items[Word] | None = Field(
        default=None, description="Words of at most 20 characters that are never edited."
    )
    protect_names: bool | None = Field(
        default=None, description="Names of people, places and organisations are not edited, as far as they are found."
    )
    always: Pairs | None = Field(
        default=None,
        description="{A: B}, or pairs [A, B]: A always becomes B, whatever the model says. Words of at most 20 "
        "characters.",
    )
    never: Pairs | None = Field(
        default=None,
        description="{A: B}, or pairs [A, B]: A never becomes B. An empty A stands for an insertion, an empty B for a "
        "deletion.",
    )
    editable: Items[str] | None = Field(
        default=None,
        description="Classes of characters that may be changed: han, punctuation, ascii_punctuation, latin, digits, "
        "blanks, other; or all.",
    )
    switched_off: Items[EditType] | None = Field(default=None, description="Types of edits that are not made.")
    max_rounds: int | None = Field(
        default=None,
        ge=1,
        le=5,
        description="Most rounds: after the first one the model reads its own result again.",
    )
    by_sentence: bool | None = Field(default=None, description="Read each sentence by itself.")


class CorrectRequest(BaseModel):
    """Texts to be corrected."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"texts": ["我再家看书。", "他在在图书馆学习。"], "options": {"min_confidence": 0.6}}]
        },
    )

    texts: Items[str] = Field(description="Each text comes back with its correction, in the same order.")
    options: Options = Field(default_factory=Options)
    proposals: bool = Field(
        default=False,
        description="Also return all edits that the model proposes, including those below the thresholds.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _few_problems(cls, value: Any, check: ModelWrapValidatorHandler[CorrectRequest]) -> CorrectRequest:
        """Leave out the list of problems where it is long: to write it takes long, too, and one is told."""
        try:
            return check(value)
        except ValidationError as error:
            if error.error_count() <= _MOST_PROBLEMS:
                raise
            raise PydanticCustomError("too_many_problems", "too many problems") from None


class Edit(BaseModel):
    """One edit of a text."""

    start: int = Field(description="Where it begins in the source, in Unicode code points.")
    end: int = Field(description="Where it ends, exclusive. For an insertion it equals start.")
    source: str = Field(description="The text that stands there.")
    target: str = Field(description="The text that should stand there.")
    type: EditType
    confidence: Share = Field(description="The model's probability of exactly this edit.")


class Result(BaseModel):
    """A text and its correction: applying the edits to the source gives the target."""

    source: str
    target: str
    edits: list[Edit]
    proposals: list[Edit] | None = Field(default=None, description="Only if the request asks for them.")


class CorrectResponse(BaseModel):
    """A result for each text, in the order of the texts."""

    results: list[Result]


class RequestLimits(BaseModel):
    """Limits of one request."""

    max_texts: int
    max_length: int = Field(description="How many characters one text may have.")
    max_characters: int = Field(description="How many characters all texts together may have.")
    max_body: int = Field(description="How many bytes the request may have.")


class Info(BaseModel):
    """What this service runs with."""

    version: str
    thresholds: dict[EditType, Share] = Field(description="The thresholds that are used where a request names none.")
    limits: RequestLimits
    can_protect_names: bool = Field(description="Whether requests may ask for `protect_names`.")
    protect_names: bool = Field(description="Whether names are protected where a request does not say.")


class Health(BaseModel):
    """The service answers, and the model works."""

    status: Literal["ok"]


class Problem(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="A word for programs; it does not change between versions.")
    detail: str = Field(description="For people: what was found, and what is expected.")
