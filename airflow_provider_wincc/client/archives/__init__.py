"""The process value archives of a station: what they hand out, and how they are read without losing a row."""
