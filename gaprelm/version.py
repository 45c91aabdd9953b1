"""The version of the package: here alone, so that whoever needs it imports nothing else."""

__version__ = "0.2.0.dev0"
