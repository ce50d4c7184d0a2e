"""What a release is made with: the wheel and the source distribution, and the pages as a site."""

from __future__ import annotations
