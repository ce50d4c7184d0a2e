"""Archived rows on their way out: buckets, gaps, files and tables. Plain Python; Arrow is imported where it is used."""
