"""The settings of a model under the name that backends of version 0.1.0 know."""

from gaprelm.model.settings import ModelSettings

DecodingSettings = ModelSettings
