"""Notifiers: what became of a task or a run, shown on the plant's own screens."""
