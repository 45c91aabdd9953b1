"""The commands of ``gaprelm``: one a module, each with ``add(commands)``.

Modules import only what parsing needs; what a command works with is imported when it runs, so that all start at once.
"""
