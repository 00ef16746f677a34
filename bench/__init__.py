"""Measurements of the ratios that the design relies on. Not installed, not imported by anything.

Seconds differ between machines; ratios of two things measured side by side hardly do. So it is
ratios that are pinned, loosely: a pin that breaks means that the shape of a cost has changed.
"""
