"""Correcting as a service: a page for people, JSON for programs (``gaprelm serve``)."""
